"""An outcome as rows for a terminal, as Markdown, and as plain values."""

from __future__ import annotations

from typing import Any

from benchmark.leaderboard.render_markdown import escaped, grid
from benchmark.leaderboard.text import number
from benchmark.reproduce.outcome import Judged, Reproduction
from benchmark.reproduce.target import Stated
from benchmark.reproduce.verdict import Measured
from benchmark.stats import mean_interval

HEAD = ("row", "column", "paper", "ours", "n", "verdict")
LONGEST = 400  # characters of a verdict or a sentence in a table


def rows(outcome: Reproduction) -> list[list[str]]:
    """Write a line for each cell under `HEAD`."""
    return [list(_row(cell)) for cell in outcome.cells]


def _row(cell: Judged) -> tuple[str, ...]:
    n = str(len(cell.measured.values)) if cell.measured.values else ""
    failed = f" of {len(cell.measured.values) + len(cell.measured.failed)}" if cell.measured.failed else ""
    return cell.row, cell.column, stated_text(cell.stated), measured_text(cell.measured), n + failed, str(cell.verdict)


def stated_text(stated: Stated | None) -> str:
    """Write what a paper states; a number as it prints it."""
    if stated is None:
        return "–"
    value = stated.value if isinstance(stated.value, str) else f"{stated.value:.6g}"
    spread = stated.error or stated.deviation
    error = "" if spread is None else f" ± {spread:g}"
    return value + error + (f" ({stated.note})" if stated.note else "")


def measured_text(measured: Measured) -> str:
    """Write what we saw: a word, or a mean with half the 95 % interval."""
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
    return ", ".join(f"{count} {word}" for word, count in sorted(outcome.verdicts.items()))


def protocol(outcome: Reproduction) -> list[str]:
    """Describe the protocol and how it deviates from the paper."""
    target, tier = outcome.target, outcome.target.tier(outcome.tier)
    lines = [target.about.strip()]
    if target.error:
        lines.append(f"The paper's ± is {target.error}; ours is half the 95 % Student-t interval over seeds.")
    lines += [f"Not the paper's: {text}." for text in (*target.deviations, *tier.deviations)]
    lines += [f"Not the paper's in {c.name}: {text}." for c in target.columns for text in c.deviations]
    allowed: dict[str, list[str]] = {}
    for column in (column for column in target.columns if column.tolerance is not None):
        allowed.setdefault(f"{column.tolerance:g} ({column.because})", []).append(column.name)
    return [*lines, *(f"Allowed in {', '.join(names)}: {what}." for what, names in allowed.items())]


def side_by_side(outcome: Reproduction) -> list[str]:
    """Write the paper's table in its own layout, each of its numbers with ours beside it."""
    cells = {(cell.row, cell.column): cell for cell in outcome.cells}
    columns = [c.name for c in outcome.target.columns if any(column == c.name for _, column in cells)]
    lines = []
    for row in outcome.target.rows:
        own = [cells.get((row.name, column)) for column in columns]
        both = [text for cell in own for text in (_pair(cell) if cell else ("", ""))]
        lines += [[escaped(row.name, LONGEST), *(escaped(text, LONGEST) for text in both)]] if any(both) else []
    head = [text for column in columns for text in (f"{column}: paper", "ours")]
    return ["The paper's numbers and ours:", "", *grid(["", *(escaped(text, LONGEST) for text in head)], lines)]


def _pair(cell: Judged) -> tuple[str, str]:
    return stated_text(cell.stated), measured_text(cell.measured)


def markdown(outcome: Reproduction, command: str) -> str:
    """Write an outcome as a Markdown page."""
    target = outcome.target
    table = [[escaped(cell, LONGEST) for cell in line] for line in rows(outcome)]
    lines = [f"# {escaped(target.title, LONGEST)}", "", f"{escaped(target.paper, LONGEST)}. Tier `{outcome.tier}`.", ""]
    lines += [f"`{command}`", "", *side_by_side(outcome), "", *grid(HEAD, table), ""]
    stem = f"{outcome.name}-{outcome.tier}"
    for plot in outcome.plots:
        lines += [f"![{escaped(plot.title, LONGEST)}]({stem}-{plot.name}.svg)", ""]
    for exhibit in outcome.exhibits:
        head, *rest = [[escaped(cell, LONGEST) for cell in line] for line in exhibit.lines]
        lines += [f"{escaped(exhibit.title, LONGEST)}:", "", *grid(head, rest), ""]
    if outcome.claims:
        claims = [[escaped(claim.text, LONGEST), escaped(str(claim.verdict), LONGEST)] for claim in outcome.claims]
        lines += [*grid(("claim", "verdict"), claims), ""]
    lines += [f"{escaped(summary(outcome), LONGEST)}.", ""]
    return "\n".join([*lines, *(f"- {escaped(line, 2000)}" for line in protocol(outcome)), ""])


def facts(outcome: Reproduction) -> dict[str, Any]:
    """Return an outcome as plain values, every seed's number among them."""
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
