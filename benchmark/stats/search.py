"""What a search over hyper-parameters shows: quality against the number of trials, and what moves with quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.stats.differences import correlation
from benchmark.stats.intervals import Interval
from benchmark.stats.samples import checked_level, finite

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BestOf:
    """The loss that the best of k trials is expected to have; one trial alone, and most of all, have no interval."""

    k: int
    value: float
    interval: Interval | None


def expected_best(
    first: float,
    others: Sequence[float],
    generator: np.random.Generator,
    *,
    resamples: int = 2000,
    level: float = 0.95,
) -> list[BestOf]:
    """Return the expected loss of the best of k trials, k = 1, ..., n + 1, where every search begins with `first`.

    E min(x₀, k - 1 of n others) = Σ_i x_(i) C(n - i, k - 2) / C(n, k - 1),  x_(1) ≤ ... ≤ x_(n), each at most x₀

    The mean over all subsets of the trials that were made, which is unbiased (Tang et al., 2020, arXiv:2004.13705);
    the plug-in estimate of Dodge et al. (2019, arXiv:1909.03004) draws with repetition and is not. The band is a
    percentile bootstrap over the others, who must be exchangeable: independent draws, as random search makes them.

    There is no band for k > (n + 1) / 2, as a bootstrap cannot draw anything better than the best seen: simulated with
    7 to 63 uniform, exponential, normal and log-normal others, a 95 % band covers the truth in 46 % to 62 % of searches
    at k = n + 1. At the largest k that keeps one it is still narrow, 68 % to 85 %; at a quarter of the trials it covers
    in 82 % to 92 %, at k = 2 in 83 % to 95 %.
    """
    checked_level(level)
    start, *rest = finite([first, *others])
    clipped = np.minimum(start, np.array(rest))
    n = clipped.size
    alone = BestOf(1, start, None)
    if n == 0:
        return [alone]
    weights = _subset_weights(n)
    values = np.sort(clipped) @ weights
    drawn = np.sort(clipped[generator.integers(n, size=(resamples, n))], axis=1) @ weights
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail], axis=0).tolist()
    bands = [Interval(*ends, level, "bootstrap") for ends in zip(low, high, strict=True)]
    kept = [band if k <= (n + 1) / 2 else None for k, band in enumerate(bands, 2)]
    return [alone, *(BestOf(k, *found) for k, found in enumerate(zip(values.tolist(), kept, strict=True), 2))]


def _subset_weights(n: int) -> Floats:
    """Return the chance [i, k] that the i-th smallest of n is the smallest of k drawn without repetition."""
    return np.array([[math.comb(n - i, k - 1) / math.comb(n, k) for k in range(1, n + 1)] for i in range(1, n + 1)])


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation (Spearman, 1904, https://doi.org/10.2307/1412159), ties at their mean rank.

    Infinite values are ranked like others. None below three pairs, and where a side is constant.
    """
    if len(a) != len(b):
        raise ValueError(f"both sides need the same number of values, got {len(a)} and {len(b)}")
    return correlation(_ranks(a), _ranks(b))


def _ranks(values: Sequence[float]) -> list[float]:
    x = np.asarray(values, dtype=np.float64)
    if np.isnan(x).any():
        raise ValueError("values must not be NaN; a failed trial is infinitely bad")
    below = (x[None, :] < x[:, None]).sum(axis=1)
    ties = (x[None, :] == x[:, None]).sum(axis=1)
    return [float(rank) for rank in below + (ties + 1) / 2]
