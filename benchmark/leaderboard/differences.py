"""What stands below a table: each objective against the baseline, one line each."""

from __future__ import annotations

from benchmark.leaderboard.compare import Comparison, against_baseline
from benchmark.leaderboard.table import Table
from benchmark.leaderboard.text import ARROWS, number, readable
from benchmark.stats import Interval, Share

HEADINGS = ("", "difference", "test", "p (Holm)", "corr.", "P(beats)", "verdict")
NOTE = (
    "Difference of means with its 95 % interval, not corrected: Student's t over common seeds (paired) where there are "
    "three, else Welch's over all finished runs; Fisher's exact test where all runs of a row failed; correlation of "
    "the two rows over seeds; P(beats) with failures last."
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
        "–" if comparison.p_corrected is None else f"{comparison.p_corrected:.2g}",
        "–" if difference.correlation is None else f"{difference.correlation:.2f}",
        _share(comparison.improvement),
        _verdict(comparison),
    )


def _test(comparison: Comparison) -> str:
    difference = comparison.difference
    if comparison.failures_p is not None:
        return f"Fisher, n={comparison.a.runs},{comparison.b.runs}"
    if difference.kind == "paired":
        return f"paired, n={difference.n_a}"
    return f"Welch, n={difference.n_a},{difference.n_b}"


def _verdict(comparison: Comparison) -> str:
    needed = comparison.verdict.seeds_needed
    wanting = comparison.verdict.word == "not enough seeds" and needed is not None
    return f"{comparison.verdict.word} ({needed} would do)" if wanting else comparison.verdict.word


def _share(share: Share | None) -> str:
    return "–" if share is None or share.value is None else f"{share.value:.2f}{_bounds(share.interval, 2)}"


def _bounds(interval: Interval | None, decimals: int | None = None) -> str:
    if interval is None:
        return ""
    return f" [{number(interval.low, decimals)}, {number(interval.high, decimals)}]"
