"""The agreement between two orders of the same rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from benchmark.stats.aggregate import Aggregate
from benchmark.stats.intervals import Interval
from benchmark.stats.samples import Vector, checked_level

FEWEST = 5  # rows; fewer have too few pairs for an interval
MOST_SPLITS = 50
ROUNDING = 1e-12  # relative


def kendall_tau(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return Kendall's tau-b of two scores of the same rows (Kendall, 1945, doi.org/10.1093/biomet/33.3.239).

    (concordant - discordant) / √((pairs - ties in a) (pairs - ties in b));  None if one side has only ties
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"both sides need the same number of values, got {x.size} and {y.size}")
    if np.isnan(x).any() or np.isnan(y).any():
        raise ValueError("values must not be NaN")
    above = np.triu_indices(x.size, 1)
    signs_x, signs_y = (_signs(one)[above] for one in (x, y))
    size = math.sqrt(float(np.abs(signs_x).sum()) * float(np.abs(signs_y).sum()))
    return float((signs_x * signs_y).sum()) / size if size > 0 else None


def _signs(x: Vector) -> Vector:
    """Return 1 where a row's value is above a column's, -1 where it is below, 0 where they differ by rounding.

    Means of the same shares differ in their last bits by the order of addition. Infinities equal themselves.
    """
    row, column = x[:, None], x[None, :]
    return np.where(np.isclose(row, column, rtol=ROUNDING, atol=0.0), 0.0, np.where(row > column, 1.0, -1.0))


def tau_interval(
    a: Sequence[float], b: Sequence[float], generator: np.random.Generator, *, resamples: int = 500, level: float = 0.95
) -> Aggregate:
    """Return tau-b with a percentile bootstrap over rows: would another choice of objectives agree as much?"""
    checked_level(level)
    value, n = kendall_tau(a, b), len(a)
    if value is None or n < FEWEST:
        return Aggregate(n, value, None)
    x, y = (_signs(np.asarray(side, dtype=np.float64)) for side in (a, b))
    drawn = generator.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(np.float64)
    pairs, untied_x, untied_y = (((counts @ signs) * counts).sum(axis=1) for signs in (x * y, np.abs(x), np.abs(y)))
    known = (untied_x > 0) & (untied_y > 0)  # else a resample is one row over and over, and orders nothing
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(pairs[known] / np.sqrt(untied_x * untied_y)[known], [tail, 100 - tail]).tolist()
    return Aggregate(n, value, Interval(low, high, level, "bootstrap over rows"))


def split_half_tau(scores: Sequence[Sequence[float]], generator: np.random.Generator) -> float | None:
    """Return the mean tau-b between the orders by disjoint halves of the runs, the ceiling that noise leaves.

    `scores` [rows, runs] hold the same seeds in the same places. None below four runs, where a half is a single one.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 4:
        return None
    runs = table.shape[1]
    halves = list(combinations(range(runs), runs // 2))
    if len(halves) > MOST_SPLITS:
        halves = [halves[at] for at in generator.choice(len(halves), MOST_SPLITS, replace=False)]
    taus = []
    for half in halves:
        rest = [at for at in range(runs) if at not in half]
        taus.append(kendall_tau(table[:, half].mean(axis=1), table[:, rest].mean(axis=1)))
    known = [tau for tau in taus if tau is not None]
    return math.fsum(known) / len(known) if known else None
