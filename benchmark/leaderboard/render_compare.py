"""Comparisons as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmark.leaderboard.compare import Comparison
from benchmark.leaderboard.text import number, readable
from benchmark.stats import Difference, Interval


def comparisons(compared: Sequence[Comparison]) -> str:
    """Write each comparison as its verdict and the numbers behind it."""
    return "\n".join(_one(comparison) for comparison in compared)


def _one(comparison: Comparison) -> str:
    a, b = readable(comparison.a.label), readable(comparison.b.label)
    verdict = comparison.verdict
    word = f"{verdict.word} than" if verdict.word in ("better", "worse") else verdict.word
    joined = f"{a} is {word} {b}" if word.endswith("than") else f"{a} against {b}: {word}"
    source = (
        "Fisher's exact test of the failures"
        if comparison.by_failures
        else f"the {comparison.difference.kind} difference"
    )
    lines = [
        f"{readable(comparison.caption, 400)}, {readable(comparison.metric)}: {joined}.",
        f"  {readable(verdict.why, 400)}",
        f"  The verdict is from {source}; the intervals are not corrected.",
        f"  {_difference(comparison.paired)}",
        f"  {_difference(comparison.welch)}",
    ]
    if comparison.improvement is not None and comparison.improvement.value is not None:
        share = comparison.improvement
        lines.append(f"  P({a} beats {b}), failures last: {share.value:.2f} {_bounds(share.interval)}")
    for side in (comparison.a, comparison.b):
        rate = f"  {readable(side.label)} failed {side.failed} of {side.runs} runs {_bounds(side.failure_rate)}"
        lines.append(rate.rstrip())
        seen = Counter(name for record in side.records for name in record.end.observed)
        if seen:
            counts = ", ".join(f"{number} {name}" for name, number in seen.most_common())
            lines.append(f"  {readable(side.label)}: of the runs that ended well, {counts}")
    return "\n".join(lines) + "\n"


def _difference(difference: Difference) -> str:
    size = f"{difference.n_a} seeds" if difference.kind == "paired" else f"{difference.n_a} and {difference.n_b} runs"
    if difference.value is None:
        return f"{difference.kind} difference: none ({size})"
    parts = [f"{difference.kind} difference: {number(difference.value)}", _bounds(difference.interval), f"({size}"]
    if difference.p is not None:
        parts[-1] += f", p = {difference.p:.2g} uncorrected"
    if difference.correlation is not None:
        parts[-1] += f", correlation over seeds {difference.correlation:.2f}"
    return " ".join(part for part in parts if part) + ")"


def _bounds(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"[{number(interval.low)}, {number(interval.high)}] {interval.kind}, {interval.level:.0%}"
