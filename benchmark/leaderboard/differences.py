"""What stands below a table: each objective against the baseline, one line each."""

from __future__ import annotations

from benchmark.leaderboard.compare import Comparison, against_baseline
from benchmark.leaderboard.table import Table
from benchmark.leaderboard.text import ARROWS, number, readable
from benchmark.stats import Interval, Probability

HEADINGS = ("", "difference", "test", "p (Holm)", "corr.", "P(beats)", "verdict")
NOTE = (
    "Difference of means with its 95 % interval, not corrected: Student's t over common seeds (paired) where there are "
    "three, else Welch's over all finished runs; Fisher's exact test of the failures where these decide; each kind of "
    "test is corrected by itself; correlation of the two rows over seeds; P(beats) with failures last."
)


def difference_lines(table: Table) -> list[tuple[str, ...]]:
    """Return a heading and a line for each objective against the table's baseline; nothing where there is none."""
    comparisons = against_baseline(table)
    if not comparisons or table.baseline is None:
        return []
    metric = f"{table.sort} {ARROWS[comparisons[0].direction]}".strip()
    title = f"against {readable(table.baseline)}, {readable(metric)}"
    return [(title, *HEADINGS[1:]), *(_line(comparison) for comparison in comparisons)]


def _line(comparison: Comparison) -> tuple[str, ...]:
    difference = comparison.difference
    value = "–" if difference.value is None else number(difference.value) + _bounds(difference.interval)
    return (
        readable(comparison.a.label),
        value,
        _test(comparison),
        _p(comparison),
        "–" if difference.correlation is None else f"{difference.correlation:.2f}",
        _share(comparison.improvement),
        _verdict(comparison),
    )


def _test(comparison: Comparison) -> str:
    difference = comparison.difference
    if comparison.by_failures:
        return f"Fisher, n={comparison.a.runs},{comparison.b.runs}"
    if difference.kind == "paired":
        return f"paired, n={difference.n_a}"
    return f"Welch, n={difference.n_a},{difference.n_b}"


def _p(comparison: Comparison) -> str:
    """Write the p that the verdict is from; in brackets one of failures that no outcome could have made significant."""
    p = comparison.p_failures if comparison.by_failures else comparison.p_corrected
    if p is None and comparison.by_failures:
        return f"({comparison.failures.p:.2g})"
    return "–" if p is None else f"{p:.2g}"


def _verdict(comparison: Comparison) -> str:
    needed = comparison.verdict.seeds_needed
    wanting = comparison.verdict.word == "not enough seeds" and needed is not None
    return f"{comparison.verdict.word} ({needed} would do)" if wanting else comparison.verdict.word


def _share(share: Probability | None) -> str:
    return "–" if share is None or share.value is None else f"{share.value:.2f}{_bounds(share.interval, 2)}"


def _bounds(interval: Interval | None, decimals: int | None = None) -> str:
    if interval is None:
        return ""
    return f" [{number(interval.low, decimals)}, {number(interval.high, decimals)}]"
