"""A mean over problems with equal weights, whatever their numbers of runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.stats.aggregate import Aggregate
from benchmark.stats.intervals import Interval
from benchmark.stats.samples import checked_level, finite

FEWEST = 2  # runs of a stratum; one alone shows nothing of its spread


def stratified_mean(
    strata: Sequence[Sequence[float]], generator: np.random.Generator, *, resamples: int = 2000, level: float = 0.95
) -> Aggregate:
    """Return the plain mean over strata of each one's mean, with its stratified percentile bootstrap.

    Runs are redrawn within their own stratum (Agarwal et al., 2021, arXiv:2108.13264), which is too narrow below ten
    of them. A stratum without runs leaves no value, one with a single run no interval.
    """
    checked_level(level)
    known = [np.array(finite(values)) for values in strata]
    n = sum(values.size for values in known)
    if not known or any(values.size == 0 for values in known):
        return Aggregate(n, None, None)
    value = float(np.mean([values.mean() for values in known]))
    if any(values.size < FEWEST for values in known):
        return Aggregate(n, value, None)
    drawn: NDArray[np.float64] = np.mean(
        [values[generator.integers(values.size, size=(resamples, values.size))].mean(axis=1) for values in known],
        axis=0,
    )
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail]).tolist()
    return Aggregate(n, value, Interval(low, high, level, "stratified bootstrap"))
