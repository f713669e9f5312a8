"""How numbers, headings and other people's text read in every rendering."""

from __future__ import annotations

import math

from benchmark.leaderboard.published import Published
from benchmark.leaderboard.table import Cell, Column, Row, Table

LONGEST_PUBLISHED = 400  # of all that papers printed for a row
LONGEST_TEXT = 80  # characters of a name in a table made for reading; CSV and JSON keep all
ARROWS = {"higher": "↑", "lower": "↓", "none": ""}


def number(value: float, decimals: int | None = None) -> str:
    """Write a number with so many decimals, or with four significant digits."""
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        return f"{value:z.3e}"
    if decimals is None:
        decimals = 3 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:z.{decimals}f}"


def mean_and_half_width(cell: Cell) -> tuple[str, str | None]:
    """Return a mean and its half-width as text, rounded to two digits of the half-width."""
    value, half = cell.mean.value, cell.mean.half_width
    if value is None:
        return "–", None
    if half is None:
        return number(value), None
    if half == 0.0:
        return number(value), "0"
    if max(abs(value), half) >= 1e6 or half < 1e-6 or (value != 0 and abs(value) < 1e-4):
        return f"{value:z.3e}", f"{half:.1e}"
    decimals = max(0, 1 - math.floor(math.log10(half)))
    return f"{value:z.{decimals}f}", f"{half:.{decimals}f}"


def cell_text(cell: Cell, finished: int) -> str:
    """Write a cell as `mean ± half-width`, with its own n where that is not the row's."""
    mean, half = mean_and_half_width(cell)
    text = mean if half is None else f"{mean} ± {half}"
    return text if cell.mean.n in (finished, 0) else f"{text} (n={cell.mean.n})"


def heading(column: Column) -> str:
    """Write a column's metric with the arrow of its direction."""
    return f"{column.metric} {ARROWS[column.direction]}".strip()


def label(row: Row) -> str:
    """Write a row's label, controls and submissions marked."""
    return f"{readable(row.label)} ({row.mark})" if row.mark else readable(row.label)


def count(row: Row) -> str:
    """Write the finished runs of all: `4/5`."""
    return f"{row.finished}/{row.runs}"


def failures(row: Row) -> str:
    """Write the failures by type: `2 diverged, 1 collapsed`."""
    return ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in row.failures.items())


def observed(row: Row) -> str:
    """Write what was observed of runs that ended well: `3 partial, 1 oscillating`."""
    return ", ".join(f"{number} {name}" for name, number in row.observed.items())


def published(table: Table, row: Row) -> str:
    """Write what papers printed for a row, each number with the mark of its note; nothing for a control."""
    if row.control:
        return ""
    return "; ".join(
        f"{readable(one.metric)} {_published_value(one)} [{mark}]"
        for mark, one in enumerate(table.published, 1)
        if one.row == row.label
    )


def published_notes(table: Table) -> list[str]:
    """Write where each published number is from and how it was made, rows that were not run here too."""
    if not table.published:
        return []
    run = {row.label for row in table.rows if not row.control}
    notes = ["Published numbers come from other protocols; they are never ranked or averaged."]
    for mark, one in enumerate(table.published, 1):
        row = readable(one.row) if one.row in run else f"{readable(one.row)} (not run here)"
        kind = "" if one.error_kind is None else f" ({readable(one.error_kind)})"
        what = f"[{mark}] {row}, {readable(one.metric)} {_published_value(one)}{kind}"
        notes.append(f"{what}: {readable(one.source, 400)}; {readable(one.note, 400)}")
    return notes


def _published_value(one: Published) -> str:
    """Return a published number as text, with the paper's digits."""
    value = f"{one.value:.12g}"
    return value if one.error is None else f"{value} ± {one.error:.12g}"


def readable(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return foreign text safe to print: unprintable characters are escaped, and long text is cut."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in cut)
