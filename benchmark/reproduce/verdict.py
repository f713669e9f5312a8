"""The four verdicts on a cell or a claim, each with its reason."""

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
    """Our result for one cell: a value per finished seed or a word, or the reason why there is none."""

    values: Mapping[int, float] = field(default_factory=dict)
    word: str | None = None
    failed: Sequence[str] = ()  # why the other runs gave no value: their end states, or an undefined metric
    absent: str = ""  # why there is no result
    expected: Stated | None = None  # the value that theory gives, if it was computed

    @property
    def missing(self) -> bool:
        """Return whether the cell has no result."""
        return self.word is None and not self.values


@dataclass(frozen=True)
class CellVerdict:
    """One of the four verdicts, and the reason."""

    word: Word
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}" if self.reason else self.word


def judge(stated: Stated | None, measured: Measured, column: TargetColumn, deviations: Sequence[str]) -> CellVerdict:
    """Compare a cell with the paper.

    Let d = ours - paper, h half the 95 % interval of d, and t the column's tolerance. The cell agrees if |d| + h <= t
    and differs if |d| - h > t; otherwise there are too few seeds to decide. h² = (t_{n-1} s/√n)² + (1.96 SE)²; if the
    paper's number is from a single run, √(1 + 1/n) replaces 1/√n. A cell with failed runs is not compared, because the
    mean of the others would flatter it.
    """
    if measured.missing or measured.failed:
        return _nothing(measured)
    if stated is None:
        return CellVerdict("not comparable", "the paper reports no value here")
    if deviations:
        return CellVerdict("not comparable", "; ".join(deviations))
    if measured.word is not None:
        if not isinstance(stated.value, str):
            return CellVerdict("not comparable", "the paper reports a number here, not a word")
        same = measured.word == stated.value
        return CellVerdict("agrees") if same else CellVerdict("differs", f"{measured.word}, not {stated.value}")
    if column.tolerance is None:
        return CellVerdict("not comparable", column.because or "the column has no tolerance")
    if isinstance(stated.value, str):
        return CellVerdict("not comparable", "the paper reports a word here, not a number")
    ours = mean_interval(list(measured.values.values()))
    assert ours.value is not None
    gap = ours.value - stated.value
    if ours.half_width is None and not column.exact:
        return CellVerdict("not comparable", "a single seed gives no interval")
    own = (ours.half_width or 0.0) * (math.sqrt(ours.n + 1) if stated.single else 1.0)
    half = math.hypot(own, NORMAL * (stated.error or 0.0))
    if abs(gap) + half <= column.tolerance:
        return CellVerdict("agrees", f"within {column.tolerance:g}")
    if abs(gap) - half > column.tolerance:
        return CellVerdict("differs", f"by {gap:+.3g} ± {half:.2g}, tolerance {column.tolerance:g}")
    seen = f"the difference of {gap:+.3g} ± {half:.2g} is too uncertain for a tolerance of {column.tolerance:g}"
    return CellVerdict("not comparable", seen)


def judge_claim(claim: Claim, larger: Measured, smaller: Measured, deviations: Sequence[str]) -> CellVerdict:
    """Judge a claim: it agrees if the 95 % interval of the difference lies above 0, and differs if below."""
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
    if difference.interval is None:  # no run varies, so the exact test decides
        seen = f"the difference is {difference.value:.4g} on every seed, p = {difference.p:.2g}"
        if difference.p >= ALPHA:
            return CellVerdict("not comparable", f"too few seeds to decide: {seen}")
        return CellVerdict("agrees" if difference.value > 0 else "differs", seen)
    low, high = difference.interval.low, difference.interval.high
    seen = f"the difference is {difference.value:.4g}, 95 % interval {low:.4g} to {high:.4g}"
    if low > 0:
        return CellVerdict("agrees", seen)
    return (
        CellVerdict("differs", seen) if high < 0 else CellVerdict("not comparable", f"too few seeds to decide: {seen}")
    )


def _nothing(measured: Measured) -> CellVerdict:
    """Return why there is nothing to compare; failed runs are a result, but not a number."""
    if measured.failed:
        failed, runs = len(measured.failed), len(measured.failed) + len(measured.values)
        states = ", ".join(sorted(set(measured.failed))).replace("_", " ")
        return CellVerdict("not comparable", f"{failed} of {runs} runs gave no value ({states})")
    return CellVerdict("not run", measured.absent)
