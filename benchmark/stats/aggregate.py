"""The interquartile mean, which no single lucky or unlucky run moves (Agarwal et al., 2021, arXiv:2108.13264)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.stats.intervals import Interval
from benchmark.stats.samples import checked_level, finite

Floats = NDArray[np.float64]
FEWEST = 5  # runs; with fewer nothing is trimmed, or resamples are too few for an interval


@dataclass(frozen=True)
class Aggregate:
    """An interquartile mean of n values; it has no value for n = 0, and no interval below five or for equal values."""

    n: int
    value: float | None
    interval: Interval | None


def iqm(values: Sequence[float]) -> float | None:
    """Return the interquartile mean: the mean without the lowest and the highest ⌊n/4⌋ values; None without values."""
    x = np.sort(finite(values))
    return float(x[_middle(x.size)].mean()) if x.size else None


def iqm_weights(n: int, generator: np.random.Generator, *, resamples: int = 2000) -> Floats:
    """Draw how much each of n sorted values weighs in the interquartile mean of each bootstrap resample [R, n]."""
    drawn = np.sort(generator.integers(n, size=(resamples, n)), axis=1)[:, _middle(n)]
    counts = np.bincount((drawn + n * np.arange(resamples)[:, None]).ravel(), minlength=resamples * n)
    weights: Floats = counts.reshape(resamples, n) / drawn.shape[1]
    return weights


def interquartile(values: Sequence[float], weights: Floats, *, level: float = 0.95) -> Aggregate:
    """Return the interquartile mean of n values with its percentile bootstrap, too narrow below ten of them.

    `weights` [R, n] are those of `iqm_weights`, which all samples of one size may share.
    """
    checked_level(level)
    x = np.sort(finite(values))
    if x.size < FEWEST or x[0] == x[-1]:
        return Aggregate(x.size, iqm(values), None)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(weights @ x, [tail, 100 - tail]).tolist()
    return Aggregate(x.size, iqm(values), Interval(low, high, level, "bootstrap"))


def _middle(n: int) -> slice:
    return slice(n // 4, n - n // 4)
