"""What every statistic asks of its input, and the one standard deviation that all of them use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]


def finite_vector(values: Sequence[float] | Vector) -> Vector:
    """Copy values into a vector [N]; NaN and infinities are the caller's mistake, failed runs are counted apart."""
    x = np.array(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"values must form one vector, got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("values must be finite; failed runs are counted apart")
    return x


def spread(x: Vector, scale: float | None = None) -> float | None:
    """Give the sample standard deviation; None at n < 2, and exactly 0 where only rounding tells values apart.

    `scale` is the size of the numbers that x was computed from, where these are larger than x itself.
    """
    if x.size < 2:
        return None
    largest = float(np.abs(x).max()) if scale is None else scale
    if float(np.ptp(x)) <= 4 * float(np.finfo(np.float64).eps) * largest:
        return 0.0
    return float(x.std(ddof=1))


def checked_level(level: float) -> float:
    """Refuse a confidence level outside (0, 1)."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie in (0, 1), got {level!r}")
    return level
