"""The places of rows, and how certain they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.stats.intervals import Interval
from benchmark.stats.samples import Vector, checked_level

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rank:
    """A row's place among all rows, 1 the best: from all runs, its bootstrap interval, the chance of each place."""

    score: float  # probability that its run beats a run drawn from all rows, averaged over problems
    place: float  # a tie shares the mean of its places
    interval: Interval
    chances: tuple[float, ...]  # of place 1, 2, ...; a tie counts for its best place


def rank_distribution(
    losses: Mapping[str, Mapping[str, Sequence[float]]],
    generator: np.random.Generator,
    *,
    resamples: int = 2000,
    level: float = 0.95,
) -> dict[str, Rank]:
    """Rank rows over problems by how often their runs win, with a bootstrap over runs (Efron, 1979).

    score_i = mean over problems of mean over rows j of P(loss_i < loss_j) + ½ P(loss_i = loss_j)

    `losses` are per row and problem; a failed run is infinite and loses to every finished one. Only problems on
    which every row has runs count. Runs are redrawn within row and problem, rows apart from each other, which for
    seeds that move together makes the intervals rather too wide. Without a common problem nothing is ranked.
    """
    checked_level(level)
    rows = sorted(losses)
    problems = sorted(set.intersection(*(set(losses[row]) for row in rows))) if rows else []
    problems = [problem for problem in problems if all(len(losses[row][problem]) for row in rows)]
    if not problems:
        return {}
    drawn = np.zeros((resamples, len(rows)))
    observed = np.zeros((1, len(rows)))
    for problem in problems:
        runs = [np.asarray(losses[row][problem], dtype=np.float64) for row in rows]
        observed += _scores(runs, [np.ones((1, x.size)) for x in runs])
        drawn += _scores(runs, [_counts(x.size, resamples, generator) for x in runs])
    return _ranks(rows, observed[0] / len(problems), drawn, observed, level)


def _counts(n: int, resamples: int, generator: np.random.Generator) -> Floats:
    """Draw how often each of n runs appears in each resample [R, n]; four times as quick as a multinomial draw."""
    drawn = generator.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(np.float64)


def _scores(runs: Sequence[Vector], counts: Sequence[Floats]) -> Floats:
    """Return each row's mean probability of winning against all rows, per resample [R, rows].

    A run beats all weight behind its loss and half of that beside it: sums along sorted losses, not over all pairs.
    """
    pooled = np.concatenate(runs)
    weights = np.concatenate([count / run.size for count, run in zip(counts, runs, strict=True)], axis=1)
    losses, level = np.unique(pooled, return_inverse=True)
    order = np.argsort(level, kind="stable")
    beside = np.add.reduceat(weights[:, order], np.searchsorted(level[order], np.arange(losses.size)), axis=1)
    beaten = len(runs) - np.cumsum(beside, axis=1) + 0.5 * beside  # [R, losses]; each row weighs one
    starts = np.cumsum([0, *(run.size for run in runs)])[:-1]
    scores: Floats = np.add.reduceat(weights * beaten[:, level], starts, axis=1) / len(runs)
    return scores


def _ranks(rows: Sequence[str], scores: Vector, drawn: Floats, observed: Floats, level: float) -> dict[str, Rank]:
    place, _ = _places(observed)
    places, best = _places(drawn)
    ranks = {}
    for at, row in enumerate(rows):
        low, high = (
            closest_observation(places[:, at], (1 - level) / 2),
            closest_observation(places[:, at], (1 + level) / 2),
        )
        counted = np.bincount(best[:, at].astype(np.intp), minlength=len(rows) + 1)[1:]
        chances = tuple((counted / len(best)).tolist())
        ranks[row] = Rank(float(scores[at]), float(place[0, at]), Interval(low, high, level, "bootstrap"), chances)
    return ranks


def closest_observation(values: Vector, share: float) -> float:
    """Return the quantile that is the observation closest to n · share (Hyndman & Fan, 1996, definition 3).

    The method of this name in numpy took other observations before numpy 2.0.
    """
    return float(np.sort(values)[max(0, round(values.size * share) - 1)])


def _places(scores: Floats) -> tuple[Floats, Floats]:
    """Return mean and best places [R, rows], the highest score first; rounding makes no difference of a tie."""
    losses = -np.round(scores, 9)
    order = np.argsort(losses, axis=1)
    known = np.take_along_axis(losses, order, axis=1)
    at = np.arange(scores.shape[1])
    begins = np.diff(known, axis=1, prepend=-np.inf) > 0
    ends = np.diff(known, axis=1, append=np.inf) > 0
    first = np.maximum.accumulate(np.where(begins, at, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, at, at[-1])[:, ::-1], axis=1)[:, ::-1]
    mean, best = np.empty_like(losses), np.empty_like(losses)
    np.put_along_axis(mean, order, (first + last) / 2 + 1, axis=1)
    np.put_along_axis(best, order, first + 1.0, axis=1)
    return mean, best
