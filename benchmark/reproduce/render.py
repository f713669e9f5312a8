"""An outcome as rows for a terminal, as Markdown, and as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.leaderboard.render_markdown import escaped, grid
from benchmark.leaderboard.text import number
from benchmark.reproduce.last import in_words
from benchmark.reproduce.outcome import Judged, Reproduction
from benchmark.reproduce.target import Stated
from benchmark.reproduce.verdict import Measured
from benchmark.stats import mean_interval

HEAD = ("row", "column", "paper", "ours", "n", "verdict")
LONGEST = 400  # characters of a verdict or a sentence in a table


def rows(outcome: Reproduction) -> list[list[str]]:
    """Write a line for each cell that was run, under `HEAD`."""
    return [list(_row(cell)) for cell in outcome.cells if cell.verdict.word != "not run"]


def _row(cell: Judged) -> tuple[str, ...]:
    n = str(len(cell.measured.values)) if cell.measured.values else ""
    failed = f" of {len(cell.measured.values) + len(cell.measured.failed)}" if cell.measured.failed else ""
    return cell.row, cell.column, stated_text(cell.stated), measured_text(cell.measured), n + failed, str(cell.verdict)


def not_run(outcome: Reproduction) -> list[str]:
    """List the cells that were not run, by reason: named if they are whole rows and columns, otherwise counted."""
    reasons: dict[str, list[Judged]] = {}
    for cell in outcome.cells:
        if cell.verdict.word == "not run":
            reasons.setdefault(cell.verdict.reason, []).append(cell)
    return [f"Not run: {_which(cells, outcome)} ({reason})." for reason, cells in reasons.items()]


def _which(cells: Sequence[Judged], outcome: Reproduction) -> str:
    """Name the rows and columns of cells if each of the rows has each of the columns, otherwise count the cells."""
    here, columns = (list(dict.fromkeys(names)) for names in zip(*((c.row, c.column) for c in cells), strict=True))
    if len(cells) != len(here) * len(columns):
        return f"{len(cells)} cells"
    all_rows, all_columns = len(here) == len(outcome.target.rows), len(columns) == len(outcome.target.columns)
    return ("every row" if all_rows else ", ".join(here)) + ("" if all_columns else f" in {', '.join(columns)}")


def stated_text(stated: Stated | None) -> str:
    """Write the paper's value with its error and note."""
    if stated is None:
        return "–"
    value = stated.value if isinstance(stated.value, str) else f"{round(stated.value, 12) + 0.0:.6g}"
    spread = stated.error or stated.deviation
    error = "" if spread is None else f" ± {spread:g}"
    return value + error + (f" ({stated.note})" if stated.note else "")


def measured_text(measured: Measured) -> str:
    """Write our result: a word, or a mean ± half the 95 % interval."""
    if measured.word is not None:
        return measured.word
    if not measured.values:
        return "–"
    mean = mean_interval(list(measured.values.values()))
    assert mean.value is not None
    if mean.half_width is None or mean.half_width == 0.0:
        return number(mean.value)
    return f"{mean.value:.{_decimals(mean.half_width)}f} ± {mean.half_width:.2g}"


def _decimals(half: float) -> int:
    return max(0, 1 - int(f"{half:e}".partition("e")[2]))


def summary(outcome: Reproduction) -> str:
    """Count the verdicts in a line."""
    return in_words(dict(sorted(outcome.verdicts.items())))


def protocol(outcome: Reproduction) -> list[str]:
    """Describe the protocol and its deviations from the paper."""
    target, tier = outcome.target, outcome.target.tier(outcome.tier)
    lines = [target.about.strip()]
    if target.error:
        lines.append(f"The paper's ± is {target.error}; ours is half the 95 % Student-t interval over seeds.")
    lines += [f"Deviation: {text}." for text in (*target.deviations, *tier.deviations)]
    deviations: dict[str, list[str]] = {}
    allowed: dict[str, list[str]] = {}
    for column in target.columns:
        for text in column.deviations:
            deviations.setdefault(text, []).append(column.name)
        if column.tolerance is not None:
            allowed.setdefault(f"{column.tolerance:g} ({column.because})", []).append(column.name)
    lines += [f"Deviation in {', '.join(names)}: {text}." for text, names in deviations.items()]
    for what, names in allowed.items():
        where = "" if len(names) == len(target.columns) else f" in {', '.join(names)}"
        lines.append(f"Tolerance{where}: {what}.")
    return [*lines, *not_run(outcome)]


def side_by_side(outcome: Reproduction) -> list[str]:
    """Write the paper's tables in their own layout, with the paper's value and ours in each cell."""
    cells = {(cell.row, cell.column): cell for cell in outcome.cells}
    tables: dict[str, list[str]] = {}
    for column in outcome.target.columns:
        if any(name == column.name for _, name in cells):
            tables.setdefault(column.table, []).append(column.name)
    lines = ["Each cell shows the paper's value / ours.", ""]
    for title, columns in tables.items():
        found = [(row.name, [cells.get((row.name, column)) for column in columns]) for row in outcome.target.rows]
        table = [[name, *map(_pair, own)] for name, own in found if any(_holds(cell) for cell in own)]
        head, *rest = [[escaped(text, LONGEST) for text in line] for line in (["", *columns], *table)]
        lines += [*([f"{escaped(title, LONGEST)}:", ""] if title else []), *grid(head, rest), ""]
    return lines[:-1]


def _holds(cell: Judged | None) -> bool:
    return cell is not None and (cell.stated is not None or not cell.measured.missing)


def _pair(cell: Judged | None) -> str:
    return "" if cell is None or not _holds(cell) else f"{stated_text(cell.stated)} / {measured_text(cell.measured)}"


def markdown(outcome: Reproduction, command: str) -> str:
    """Write an outcome as a Markdown page."""
    target = outcome.target
    table = [[escaped(cell, LONGEST) for cell in line] for line in rows(outcome)]
    lines = [f"# {escaped(target.title, LONGEST)}", "", f"{escaped(target.paper, LONGEST)}. Tier `{outcome.tier}`.", ""]
    lines += [f"`{command}`", "", f"Verdicts: {escaped(summary(outcome), LONGEST)}.", "", *side_by_side(outcome), ""]
    stem = f"{outcome.name}-{outcome.tier}"
    for plot in outcome.plots:
        lines += [f"![{escaped(plot.title, LONGEST)}]({stem}-{plot.name}.svg)", ""]
    for exhibit in outcome.exhibits:
        head, *rest = [[escaped(cell, LONGEST) for cell in line] for line in exhibit.lines]
        lines += [f"{escaped(exhibit.title, LONGEST)}:", "", *grid(head, rest), ""]
    if outcome.claims:
        claims = [[escaped(claim.text, LONGEST), escaped(str(claim.verdict), LONGEST)] for claim in outcome.claims]
        lines += [*grid(("claim", "verdict"), claims), ""]
    lines += [*grid(HEAD, table), ""] if table else []
    return "\n".join([*lines, *(f"- {escaped(line, 2000)}" for line in protocol(outcome)), ""])


def facts(outcome: Reproduction) -> dict[str, Any]:
    """Return an outcome as plain values, including every seed's number."""
    return {
        "target": outcome.name,
        "paper": outcome.target.paper,
        "tier": outcome.tier,
        "deviations": [*outcome.target.deviations, *outcome.target.tier(outcome.tier).deviations],
        "verdicts": dict(sorted(outcome.verdicts.items())),
        "seconds": outcome.seconds,
        "exhibits": [{"title": one.title, "lines": [list(line) for line in one.lines]} for one in outcome.exhibits],
        "cells": [_plain(cell) for cell in outcome.cells],
        "claims": [
            {"text": claim.text, "verdict": claim.verdict.word, "reason": claim.verdict.reason}
            for claim in outcome.claims
        ],
    }


def _plain(cell: Judged) -> dict[str, Any]:
    return {
        "row": cell.row,
        "column": cell.column,
        "paper": None if cell.stated is None else cell.stated.value,
        "paper_error": None if cell.stated is None else cell.stated.error,
        "values": {str(seed): value for seed, value in cell.measured.values.items()},
        "word": cell.measured.word,
        "failed": list(cell.measured.failed),
        "verdict": cell.verdict.word,
        "reason": cell.verdict.reason,
    }
