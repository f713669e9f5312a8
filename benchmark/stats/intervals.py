"""Intervals for what one row of a leaderboard shows: a mean over seeds, a share of failures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scipy.special import ndtri, stdtrit

from benchmark.stats.samples import Vector, average, checked_level, finite, spread


@dataclass(frozen=True)
class Interval:
    """Two bounds, the level they were made for, and how they were made."""

    low: float
    high: float
    level: float
    kind: str


@dataclass(frozen=True)
class Mean:
    """A mean over n values; n = 0 has none, n = 1 has neither a standard deviation nor an interval."""

    n: int
    value: float | None
    deviation: float | None  # sample standard deviation, n - 1 in the denominator
    interval: Interval | None

    @property
    def half_width(self) -> float | None:
        """Half the interval's width, or None without an interval."""
        return None if self.interval is None else (self.interval.high - self.interval.low) / 2


def mean_interval(values: Sequence[float] | Vector, level: float = 0.95) -> Mean:
    """Return the mean with Student's t interval (Student, 1908, https://doi.org/10.2307/2331554).

    x̄ ± t[n-1, (1 + level)/2] · s / √n

    Equal values have an interval of zero width. At n = 1 the interval would be infinite, and there is none.
    """
    checked_level(level)
    x = finite(values)
    if not x:
        return Mean(0, None, None, None)
    centre, s = average(x), spread(x)
    if s is None:
        return Mean(1, centre, None, None)
    half = student_quantile(len(x) - 1, (1 + level) / 2) * s / math.sqrt(len(x))
    return Mean(len(x), centre, s, Interval(centre - half, centre + half, level, "Student t"))


@lru_cache(maxsize=4096)
def student_quantile(freedom: float, share: float) -> float:
    """Return the quantile of Student's t distribution."""
    return float(stdtrit(freedom, share))


def wilson(successes: int, n: int, level: float = 0.95) -> Interval | None:
    """Return the score interval of a share (Wilson, 1927, doi.org/10.1080/01621459.1927.10502953); None at n = 0.

    (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n)
    """
    checked_level(level)
    if not 0 <= successes <= n:
        raise ValueError(f"successes must be in 0..{n}, got {successes}")
    if n == 0:
        return None
    z = float(ndtri((1 + level) / 2))
    p = successes / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if successes == 0 else (centre - half) / scale  # exact there; rounding would leave 1e-17
    high = 1.0 if successes == n else (centre + half) / scale
    return Interval(max(0.0, low), min(1.0, high), level, "Wilson")
