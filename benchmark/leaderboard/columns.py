"""The columns of a table, shared by all renderings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.leaderboard import text as words
from benchmark.leaderboard.ladder import Calm, calm
from benchmark.leaderboard.table import Cell, Column, Row, Table

Kind = Literal["row", "runs", "failed", "observed", "metric", "share", "settled", "seconds", "published"]
PUBLISHED = "published, other protocol"
FEWEST_BOLD = 3  # values of a row that may be bold
BOLD_NOTE = "Bold: the best mean over at least three runs, and every other such mean within its 95 % interval."


@dataclass(frozen=True)
class ColumnEntry:
    """A column's entry for one row: its text, the number that sorts it, and the cell of a metric."""

    text: str
    value: float | None = None
    cell: Cell | None = None
    bold: bool = False


@dataclass(frozen=True)
class ShownColumn:
    """A heading and an entry for each row of the table; renderings escape both and cut an entry at `longest`."""

    kind: Kind
    heading: str
    entries: tuple[ColumnEntry, ...]
    longest: int = words.LONGEST_TEXT
    metric: Column | None = None


def columns_of(table: Table) -> list[ShownColumn]:
    """Return the columns of a table from left to right, without those that are empty for every row."""
    rows = table.rows
    shown = [
        ShownColumn("row", "objective", tuple(ColumnEntry(words.label(row)) for row in rows), words.LONGEST_TEXT + 10),
        ShownColumn(
            "runs", "runs", tuple(ColumnEntry(words.count(row), row.finished / max(1, row.runs)) for row in rows)
        ),
    ]
    if any(row.failures for row in rows):
        failed = tuple(ColumnEntry(words.failures(row), row.runs - row.finished) for row in rows)
        shown.append(ShownColumn("failed", "failed", failed))
    if any(row.observed for row in rows):
        shown.append(ShownColumn("observed", "observed", tuple(ColumnEntry(words.observed(row)) for row in rows)))
    shown += _metrics(table)
    if any(row.share is not None for row in rows):
        shown.append(ShownColumn("share", "share ↑", tuple(map(_share, rows))))
    settled = [calm(table, row) for row in rows]
    if any(settled):
        shown.append(ShownColumn("settled", "settled", tuple(map(_settled, settled))))
    if any("seconds" in row.compute for row in rows):
        shown.append(ShownColumn("seconds", "s / run", tuple(map(_seconds, rows))))
    if table.published:
        printed = tuple(ColumnEntry(words.published(table, row)) for row in rows)
        shown.append(ShownColumn("published", PUBLISHED, printed, words.LONGEST_PUBLISHED))
    return shown


def _metrics(table: Table) -> list[ShownColumn]:
    bold = bold_cells(table)
    shown = []
    for at, column in enumerate(table.columns):
        entries = (_mean(row, row.cells[at], (number, at) in bold) for number, row in enumerate(table.rows))
        shown.append(ShownColumn("metric", words.heading(column), tuple(entries), metric=column))
    return shown


def _mean(row: Row, cell: Cell, bold: bool) -> ColumnEntry:
    return ColumnEntry(words.cell_text(cell, row.finished), cell.mean.value, cell, bold)


def _share(row: Row) -> ColumnEntry:
    """Return the share of the way from untrained to oracle, to a hundredth."""
    mean = None if row.share is None else row.share.mean
    if mean is None or mean.value is None:
        return ColumnEntry("–")
    half = "" if mean.half_width is None else f" ± {mean.half_width:.2f}"
    return ColumnEntry(f"{mean.value:z.2f}{half}", mean.value)


def _settled(calm: Calm | None) -> ColumnEntry:
    """Return whether a row's share has settled, and how it changed over the last rung of the budget."""
    if calm is None or calm.change.value is None:
        return ColumnEntry("–")
    half = "" if calm.change.half_width is None else f" ± {calm.change.half_width:.2f}"
    return ColumnEntry(f"{'yes' if calm.settled else 'no'} ({calm.change.value:+z.2f}{half})", float(calm.settled))


def _seconds(row: Row) -> ColumnEntry:
    """Return what one run of a row took on average."""
    mean = row.compute.get("seconds")
    return ColumnEntry("–") if mean is None or mean.value is None else ColumnEntry(words.number(mean.value), mean.value)


def bold_cells(table: Table) -> frozenset[tuple[int, int]]:
    """Return the (row, column) cells to print bold: the best objective, and those whose mean lies in its interval.

    Only rows with at least three values count: with two the interval is six times as wide and would include every mean.
    Nothing is bold in a column without a direction, or if the best row's interval excludes no objective.
    """
    bold: set[tuple[int, int]] = set()
    for at, column in enumerate(table.columns):
        found = _means_and_ends(table, at, -1.0 if column.direction == "higher" else 1.0)
        if column.direction == "none" or len(found) < 2:
            continue
        _, end = min(found.values())
        near = {(row, at) for row, (mean, _) in found.items() if mean <= end}
        bold |= near if len(near) < len(found) else set()
    return frozenset(bold)


def _means_and_ends(table: Table, at: int, sign: float) -> dict[int, tuple[float, float]]:
    """Return each objective row's mean and the worse end of its interval, signed so that lower is better."""
    found = {}
    for position, row in enumerate(table.rows):
        mean = row.cells[at].mean
        if not row.control and mean.n >= FEWEST_BOLD and mean.interval is not None and mean.value is not None:
            found[position] = (sign * mean.value, max(sign * mean.interval.low, sign * mean.interval.high))
    return found
