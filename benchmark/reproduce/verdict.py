"""Whether our number agrees with the paper's: four verdicts, each with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmark.reproduce.target import Claim, Stated, TargetColumn
from benchmark.stats import mean_interval, paired_difference, welch_difference

Word = Literal["agrees", "differs", "not comparable", "not run"]
NORMAL = 1.959964  # of 95 %
ALPHA = 0.05


@dataclass(frozen=True)
class Measured:
    """What we saw in one cell: a value for each seed that finished, or a word; or why there is nothing."""

    values: Mapping[int, float] = field(default_factory=dict)
    word: str | None = None
    failed: Sequence[str] = ()  # end states of the runs that did not finish
    absent: str = ""  # why there is nothing
    expected: Stated | None = None  # what theory says, where it is computed

    @property
    def missing(self) -> bool:
        """Return whether there is nothing to judge."""
        return self.word is None and not self.values


@dataclass(frozen=True)
class CellVerdict:
    """One of the four answers, and why."""

    word: Word
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}" if self.reason else self.word


def judge(stated: Stated | None, measured: Measured, column: TargetColumn, deviations: Sequence[str]) -> CellVerdict:
    """Hold a cell against the paper.

    With d = ours - paper and h half the 95 % interval of d, for a column's tolerance t: it agrees if |d| + h <= t,
    differs if |d| - h > t, and else cannot be told with so few seeds. h² = (t_{n-1} s/√n)² + (1.96 SE)²; where the
    paper has a single run, 1/√n becomes √(1 + 1/n). A mean over the runs that did not fail is no number of the paper's.
    """
    if measured.missing or measured.failed:
        return _nothing(measured)
    if stated is None:
        return CellVerdict("not comparable", "the paper states nothing here")
    if deviations:
        return CellVerdict("not comparable", "; ".join(deviations))
    if measured.word is not None:
        if not isinstance(stated.value, str):
            return CellVerdict("not comparable", "the paper states a number here")
        same = measured.word == stated.value
        return CellVerdict("agrees") if same else CellVerdict("differs", f"{measured.word}, not {stated.value}")
    if column.tolerance is None:
        return CellVerdict("not comparable", column.because or "the column has no tolerance")
    if isinstance(stated.value, str):
        return CellVerdict("not comparable", "the paper states no number here")
    ours = mean_interval(list(measured.values.values()))
    assert ours.value is not None
    gap = ours.value - stated.value
    if ours.half_width is None and not column.exact:
        return CellVerdict("not comparable", "a single seed has no interval")
    own = (ours.half_width or 0.0) * (math.sqrt(ours.n + 1) if stated.single else 1.0)
    half = math.hypot(own, NORMAL * (stated.error or 0.0))
    if abs(gap) + half <= column.tolerance:
        return CellVerdict("agrees", f"within {column.tolerance:g}")
    if abs(gap) - half > column.tolerance:
        return CellVerdict("differs", f"by {gap:+.3g} ± {half:.2g}, allowed {column.tolerance:g}")
    seen = f"the difference {gap:+.3g} ± {half:.2g} is too uncertain for {column.tolerance:g}"
    return CellVerdict("not comparable", seen)


def judge_claim(claim: Claim, larger: Measured, smaller: Measured, deviations: Sequence[str]) -> CellVerdict:
    """Hold a claim against our cells: it agrees if the 95 % interval of the difference lies above 0."""
    for measured in (larger, smaller):
        if measured.missing or measured.failed:
            return _nothing(measured)
    if deviations:
        return CellVerdict("not comparable", "; ".join(deviations))
    if claim.paired:
        difference = paired_difference(larger.values, smaller.values)
    else:
        difference = welch_difference([*larger.values.values()], [*smaller.values.values()])
    if difference.value is None or difference.p is None:
        return CellVerdict("not comparable", "fewer than two runs can be compared")
    if difference.interval is None:  # no run varies, and the exact test decides
        seen = f"the difference is {difference.value:.4g} on every seed, p = {difference.p:.2g}"
        if difference.p >= ALPHA:
            return CellVerdict("not comparable", f"not shown by so few seeds: {seen}")
        return CellVerdict("agrees" if difference.value > 0 else "differs", seen)
    low, high = difference.interval.low, difference.interval.high
    seen = f"the difference is {difference.value:.4g}, 95 % interval {low:.4g} to {high:.4g}"
    if low > 0:
        return CellVerdict("agrees", seen)
    return (
        CellVerdict("differs", seen)
        if high < 0
        else CellVerdict("not comparable", f"not shown by so few seeds: {seen}")
    )


def _nothing(measured: Measured) -> CellVerdict:
    """Say why there is nothing to judge; failed runs are a result, but not a number."""
    if measured.failed:
        failed, runs = len(measured.failed), len(measured.failed) + len(measured.values)
        states = ", ".join(sorted(set(measured.failed))).replace("_", " ")
        return CellVerdict("not comparable", f"{failed} of {runs} runs failed ({states})")
    return CellVerdict("not run", measured.absent)
