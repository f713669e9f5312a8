"""The lines below a table that compare each objective with the baseline."""

from __future__ import annotations

from benchmark.leaderboard.compare import Comparison, against_baseline
from benchmark.leaderboard.table import Table
from benchmark.leaderboard.text import ARROWS, number, readable
from benchmark.stats import Interval, Probability

HEADINGS = ("", "difference", "test", "p (Holm)", "corr.", "P(beats)", "verdict")
NOTE = (
    "difference: of the means, with its uncorrected 95 % interval. test: paired t-test over common seeds if there are "
    "three, else Welch's t-test over all finished runs; Fisher's exact test of failures where it decides. p: corrected "
    "within each kind of test. corr.: of the two rows over seeds. P(beats): failed runs rank last."
)


def difference_lines(table: Table) -> list[tuple[str, ...]]:
    """Return a heading and a line for each objective against the table's baseline; nothing without a baseline."""
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
    """Write the p-value behind the verdict; in brackets if no outcome of the failure test could be significant."""
    p = comparison.p_failures if comparison.by_failures else comparison.p_corrected
    if p is None and comparison.by_failures:
        return f"({comparison.failures.p:.2g})"
    return "–" if p is None else f"{p:.2g}"


def _verdict(comparison: Comparison) -> str:
    needed = comparison.verdict.seeds_needed
    wanting = comparison.verdict.word == "not enough seeds" and needed is not None
    return f"{comparison.verdict.word} (needs {needed})" if wanting else comparison.verdict.word


def _share(share: Probability | None) -> str:
    return "–" if share is None or share.value is None else f"{share.value:.2f}{_bounds(share.interval, 2)}"


def _bounds(interval: Interval | None, decimals: int | None = None) -> str:
    if interval is None:
        return ""
    return f" [{number(interval.low, decimals)}, {number(interval.high, decimals)}]"
