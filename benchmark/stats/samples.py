"""Checks of every statistic's input, and the one standard deviation that all of them use."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]


def finite(values: Sequence[float] | Vector) -> list[float]:
    """Copy values [N]; NaN and infinities are the caller's mistake, because failed runs are counted separately."""
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise ValueError(f"values must be a vector, got shape {values.shape}")
    x = [float(value) for value in values]
    if not all(map(math.isfinite, x)):
        raise ValueError("values must be finite; failed runs are counted separately")
    return x


def average(x: Sequence[float]) -> float:
    """Return the mean of N > 0 values; of equal values, exactly their value."""
    return x[0] if min(x) == max(x) else math.fsum(x) / len(x)


def spread(x: Sequence[float], scale: float | None = None) -> float | None:
    """Return the sample standard deviation; None at n < 2, and exactly 0 if values differ only by rounding.

    `scale` is the size of the numbers that x was computed from, where these are larger than x itself.
    """
    if len(x) < 2:
        return None
    low, high = min(x), max(x)
    if high - low <= 4 * sys.float_info.epsilon * max(abs(low), abs(high), scale or 0.0):
        return 0.0
    centre = math.fsum(x) / len(x)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in x) / (len(x) - 1))


def checked_level(level: float) -> float:
    """Raise ValueError for a confidence level outside (0, 1)."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must be in (0, 1), got {level!r}")
    return level
