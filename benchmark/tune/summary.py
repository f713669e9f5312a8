"""What a search shows about an objective: quality against trials, how much of the space is good, what affects it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.stats import BestOf, Interval, expected_best, rank_correlation, wilson
from benchmark.tune.sampling import seed_of
from benchmark.tune.search import Search
from benchmark.tune.trials import Judge, Trial, ranked
from benchmark.tune.tuning import Sampler

GOOD = 0.10  # of the best trial's score: how far from it a trial still counts as good


@dataclass(frozen=True)
class Count:
    """A number of trials out of all, with Wilson's interval of the fraction."""

    count: int
    of: int
    interval: Interval | None


@dataclass(frozen=True)
class Sensitivity:
    """How sensitive an objective is to its hyper-parameters.

    `correlations` are Spearman's between a hyper-parameter's value and the trial's rank: positive if larger values are
    better, None if it did not vary. The fractions describe the space only if trials were drawn uniformly from it, which
    TPE does not do.
    """

    good: Count
    failed: Count
    correlations: Mapping[str, float | None]


def curve_of(search: Search, sampler: Sampler) -> list[BestOf]:
    """Return the score that the best of k trials is expected to have on the selection data, k = 1, 2, ...

    The first trial is always the default. A failed trial counts as the worst finished one; if none finished, there is
    no curve. Trials of TPE and QMC are not independent draws: their curve is that of this one search, without a band.
    """
    judge = search.entrant.judges[0]
    losses = [trial.loss(judge) for trial in search.trials]
    finished = [loss for loss in losses if math.isfinite(loss)]
    if not finished:
        return []
    filled = [loss if math.isfinite(loss) else max(finished) for loss in losses]
    if sampler == "random":
        found = expected_best(filled[0], filled[1:], np.random.default_rng(seed_of("band", search.entrant.seed)))
    else:
        found = [BestOf(k, min(filled[:k]), None) for k in range(1, len(filled) + 1)]
    return [BestOf(one.k, judge.score(one.value), _turned(one.interval, judge)) for one in found]


def sensitivity_of(search: Search) -> Sensitivity:
    """Return how many trials are good, how many failed, and the correlation of each hyper-parameter with quality.

    The default was not drawn from the space, so it is not counted. If the best score is 0 or all trials are equal,
    nearness to the best means nothing, and no trial counts as good.
    """
    judge = search.entrant.judges[0]
    losses = [trial.loss(judge) for trial in search.trials]
    least, drawn = min(losses), search.trials[1:]
    informative = math.isfinite(least) and least != 0.0 and len(set(losses)) > 1
    good = sum(trial.loss(judge) <= least + GOOD * abs(least) for trial in drawn) if informative else 0
    failed = sum(trial.failed > 0 for trial in drawn)
    return Sensitivity(_count(good, drawn), _count(failed, drawn), _correlations(search))


def _correlations(search: Search) -> dict[str, float | None]:
    pairs = zip(search.trials, ranked(search.trials, search.entrant.judges), strict=True)
    placed = [(trial.point, -float(rank)) for trial, rank in pairs if trial.point]
    quality = [rank for _, rank in placed]
    return {
        name: rank_correlation([float(point[name]) for point, _ in placed], quality) for name in search.entrant.space
    }


def _count(count: int, trials: Sequence[Trial]) -> Count:
    return Count(count, len(trials), wilson(count, len(trials)))


def _turned(interval: Interval | None, judge: Judge) -> Interval | None:
    if interval is None:
        return None
    low, high = sorted((judge.score(interval.low), judge.score(interval.high)))
    return Interval(low, high, interval.level, interval.kind)
