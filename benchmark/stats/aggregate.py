"""Many problems in one number or one curve (Agarwal et al., 2021, arXiv:2108.13264)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.stats.intervals import Interval
from benchmark.stats.samples import checked_level, finite

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Aggregate:
    """A number over all runs of all problems; without runs it has no value, with one run each no interval."""

    n: int
    value: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Profile:
    """Share of runs whose loss is at most each threshold, every problem weighing the same, with a pointwise band."""

    thresholds: tuple[float, ...]
    shares: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def iqm(values: Sequence[float]) -> float | None:
    """Give the interquartile mean: the mean without the lowest and the highest ⌊n/4⌋ values; None without values."""
    x = finite(values)
    return float(_iqm(np.array([x]))[0]) if x else None


def stratified_iqm(
    strata: Sequence[Sequence[float]], generator: np.random.Generator, *, resamples: int = 2000, level: float = 0.95
) -> Aggregate:
    """Give the interquartile mean of all runs pooled, with a percentile bootstrap that redraws within each problem."""
    checked_level(level)
    filled = [np.array(finite(stratum)) for stratum in strata if len(stratum)]
    if not filled:
        return Aggregate(0, None, None)
    pooled = np.concatenate(filled)
    value = float(_iqm(pooled[None])[0])
    if all(stratum.size < 2 for stratum in filled):
        return Aggregate(pooled.size, value, None)
    low, high = _bootstrap(filled, lambda parts: _iqm(np.concatenate(parts, axis=1)), generator, resamples, level)
    return Aggregate(pooled.size, value, Interval(float(low), float(high), level, "stratified bootstrap"))


def performance_profile(
    strata: Sequence[Sequence[float]],
    thresholds: Sequence[float],
    generator: np.random.Generator,
    *,
    resamples: int = 2000,
    level: float = 0.95,
) -> Profile:
    """Give the share of runs at or below each threshold; an infinite loss is a failed run, below none."""
    checked_level(level)
    edges = np.array(finite(thresholds))
    filled = [np.asarray(stratum, dtype=np.float64) for stratum in strata if len(stratum)]
    if not filled:
        return Profile(tuple(edges.tolist()), (), (), ())

    def share(parts: Sequence[Floats]) -> Floats:
        shares: Floats = np.mean([(part[:, :, None] <= edges).mean(axis=1) for part in parts], axis=0)
        return shares

    observed = share([stratum[None] for stratum in filled])[0]
    low, high = _bootstrap(filled, share, generator, resamples, level)
    return Profile(*(tuple(part.tolist()) for part in (edges, observed, low, high)))


def _iqm(x: Floats) -> Floats:
    """Interquartile mean of each row [R, N]."""
    cut = x.shape[1] // 4
    middle: Floats = np.sort(x, axis=1)[:, cut : x.shape[1] - cut].mean(axis=1)
    return middle


def _bootstrap(
    strata: Sequence[Floats],
    statistic: Callable[[Sequence[Floats]], Floats],
    generator: np.random.Generator,
    resamples: int,
    level: float,
) -> tuple[Floats, Floats]:
    """Redraw within strata [R, n] and give the percentiles of a statistic of them."""
    parts = [stratum[generator.integers(stratum.size, size=(resamples, stratum.size))] for stratum in strata]
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(statistic(parts), [tail, 100 - tail], axis=0)
    return low, high
