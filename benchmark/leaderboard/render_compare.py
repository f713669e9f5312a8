"""Comparisons as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.compare import Comparison
from benchmark.leaderboard.ranking import Ranking
from benchmark.leaderboard.text import number, readable
from benchmark.stats import Difference, Interval


def comparisons(compared: Sequence[Comparison]) -> str:
    """Write each comparison as its verdict and the numbers that it stands on."""
    return "\n".join(_one(comparison) for comparison in compared)


def rankings(ranked: Sequence[Ranking]) -> str:
    """Write each track's order of objectives with the interval of each place."""
    return "\n".join(_ranking(ranking) for ranking in ranked)


def _one(comparison: Comparison) -> str:
    a, b = readable(comparison.a.label), readable(comparison.b.label)
    verdict = comparison.verdict
    word = f"{verdict.word} than" if verdict.word in ("better", "worse") else verdict.word
    joined = f"{a} is {word} {b}" if word.endswith("than") else f"{a} against {b}: {word}"
    lines = [
        f"{readable(comparison.caption, 400)}, {readable(comparison.metric)}: {joined}; {readable(verdict.why, 400)}",
        f"  The verdict is from the {comparison.difference.kind} difference, the intervals are not corrected.",
        f"  {_difference(comparison.paired)}",
        f"  {_difference(comparison.welch)}",
    ]
    if comparison.improvement is not None and comparison.improvement.value is not None:
        share = comparison.improvement
        lines.append(f"  P({a} beats {b}), failures last: {share.value:.2f} {_bounds(share.interval)}")
    for side in (comparison.a, comparison.b):
        rate = f"  {readable(side.label)} failed {side.failed} of {side.runs} runs {_bounds(side.failure_rate)}"
        lines.append(rate.rstrip())
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


def _ranking(ranking: Ranking) -> str:
    lines = [f"Overall, {ranking.track or 'no'} track ({'; '.join(ranking.tables)})"]
    for label, rank in ranking.ranks.items():
        place = f"{rank.place:g} [{rank.interval.low:g}, {rank.interval.high:g}]"
        lines.append(f"  {place:<14} {readable(label)}  wins {rank.score:.2f}, first with chance {rank.chances[0]:.2f}")
    lines.append("  Places with 95 % bootstrap intervals over runs, failures last; too narrow below ten seeds.")
    if ranking.unranked:
        lines.append(f"  not ranked, without two runs in every table: {', '.join(map(readable, ranking.unranked))}")
    return "\n".join(readable(line, 2000) for line in lines) + "\n"
