"""Is one row better than another: differences of means, seed by seed where seeds are shared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import stdtr

from benchmark.stats.intervals import Interval, student_quantile
from benchmark.stats.samples import average, checked_level, finite, spread


@dataclass(frozen=True)
class Difference:
    """Mean of a minus mean of b; None for what n does not allow, and no interval if nothing varies."""

    kind: Literal["paired", "Welch"]
    n_a: int
    n_b: int
    value: float | None
    deviation: float | None  # of the differences if paired, else the root mean square of both rows' deviations
    interval: Interval | None
    p: float | None  # two-sided
    correlation: float | None = None  # between the rows over their common seeds, from three seeds on


def paired_difference(a: Mapping[int, float], b: Mapping[int, float], level: float = 0.95) -> Difference:
    """Compare two rows on the seeds that both finished (Student's t on the differences).

    t = d̄ / (s_d / √n),  n - 1 degrees of freedom

    Where all differences are equal, t is infinite and says nothing; p is then the sign test's, 2^(1 - n).
    """
    checked_level(level)
    seeds = sorted(a.keys() & b.keys())
    left, right = finite([a[seed] for seed in seeds]), finite([b[seed] for seed in seeds])
    n = len(seeds)
    if n == 0:
        return Difference("paired", 0, 0, None, None, None, None)
    gaps = [x - y for x, y in zip(left, right, strict=True)]
    value, s = average(gaps), spread(gaps, scale=max(map(abs, left + right)))
    if s is None:
        return Difference("paired", n, n, value, None, None, None)
    error = s / math.sqrt(n)
    p = _two_sided(value / error, n - 1) if s > 0 else _constant(value, 2.0 ** (1 - n))
    bounds = _interval(value, error, n - 1, level) if s > 0 else None
    return Difference("paired", n, n, value, s, bounds, p, correlation(left, right))


def welch_difference(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> Difference:
    """Compare two rows that share no seeds (Welch, 1947, https://doi.org/10.1093/biomet/34.1-2.28).

    t = (ā - b̄) / √(s_a²/n_a + s_b²/n_b),
    ν = (s_a²/n_a + s_b²/n_b)² / ((s_a²/n_a)²/(n_a - 1) + (s_b²/n_b)²/(n_b - 1))

    Where neither row varies, p is that of the exact permutation test, 2 / C(n_a + n_b, n_a).
    """
    checked_level(level)
    left, right = finite(a), finite(b)
    sizes = len(left), len(right)
    if not left or not right:
        return Difference("Welch", *sizes, None, None, None, None)
    value = average(left) - average(right)
    s_a, s_b = spread(left), spread(right)
    if s_a is None or s_b is None:
        return Difference("Welch", *sizes, value, None, None, None)
    if s_a == s_b == 0.0:
        p = _constant(value, min(1.0, 2 / math.comb(sum(sizes), sizes[0])))
        return Difference("Welch", *sizes, value, 0.0, None, p)
    scale = max(s_a, s_b)  # in units of it nothing underflows
    v_a, v_b = (s_a / scale) ** 2 / sizes[0], (s_b / scale) ** 2 / sizes[1]
    freedom = (v_a + v_b) ** 2 / (v_a**2 / (sizes[0] - 1) + v_b**2 / (sizes[1] - 1))
    error = scale * math.sqrt(v_a + v_b)
    bounds = _interval(value, error, freedom, level, "Welch t")
    deviation = scale * math.sqrt(((s_a / scale) ** 2 + (s_b / scale) ** 2) / 2)
    return Difference("Welch", *sizes, value, deviation, bounds, _two_sided(value / error, freedom))


def correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None below three pairs, where it is always ±1, and where a side is constant."""
    s_a, s_b = spread(a), spread(b)
    if len(a) < 3 or not s_a or not s_b:
        return None
    mean_a, mean_b = average(a), average(b)
    products = math.fsum((x - mean_a) / s_a * ((y - mean_b) / s_b) for x, y in zip(a, b, strict=True))
    return max(-1.0, min(1.0, products / (len(a) - 1)))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p-values for their number (Holm, 1979, https://www.jstor.org/stable/4615733); None does not count.

    p̃_(i) = max over j <= i of min(1, (m - j + 1) p_(j))
    """
    order = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, at) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        corrected[at] = largest
    return corrected


def holm_levels(p_values: Sequence[float | None], alpha: float = 0.05) -> list[float]:
    """Return the level at which Holm's steps hold each p-value, for judging how many runs would do.

    α / (m - j + 1)  for p_(j) of m;  α / (m + 1), the first step with one more, for what has no p yet
    """
    order = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    levels = [alpha / (len(order) + 1)] * len(p_values)
    for rank, (_, at) in enumerate(order):
        levels[at] = alpha / (len(order) - rank)
    return levels


def _two_sided(t: float, freedom: float) -> float:
    return float(min(1.0, 2 * stdtr(freedom, -abs(t))))


def _constant(value: float, smallest: float) -> float:
    return 1.0 if value == 0.0 else smallest


def _interval(value: float, error: float, freedom: float, level: float, kind: str = "paired t") -> Interval:
    half = student_quantile(freedom, (1 + level) / 2) * error
    return Interval(value - half, value + half, level, kind)
