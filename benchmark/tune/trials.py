"""Trials: settings of one objective with their runs, and their order.

A trial with fewer failed runs of any kind is better, whatever the scores. Ties are broken by the mean of the first
metric, then by the problem's other headline metrics in their order, since the first may be a count with many ties, and
finally by the earlier trial, which is the default if no other is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.errors import UserError
from benchmark.problems import Data, Problem
from benchmark.stats import as_losses
from benchmark.store import Record
from evaluators import EVALUATORS, metric
from evaluators.guard import named
from objectives.foundation.names import resolve


@dataclass(frozen=True)
class Judge:
    """A metric to select by."""

    metric: str
    direction: Literal["higher", "lower"]

    def loss(self, value: float | None) -> float:
        """Turn a score into a loss; None is infinitely bad."""
        return as_losses([value], self.direction)[0]

    def score(self, loss: float) -> float:
        """Turn a loss back into the score."""
        return -loss if self.direction == "higher" else loss


@dataclass(frozen=True)
class Trial:
    """A setting and its runs, one for each selection seed."""

    number: int  # 0 is the default
    point: Mapping[str, float]  # in the space; empty for a default outside it
    overrides: Mapping[str, str]  # in the form of `--set`; none for the default
    records: tuple[Record, ...]

    @property
    def failed(self) -> int:
        """Number of runs that failed."""
        return sum(record.end.state != "ok" for record in self.records)

    def mean(self, name: str) -> float | None:
        """Return the mean of a metric over finished runs; None without any."""
        finished = [record for record in self.records if record.end.state == "ok" and name in record.scores]
        return math.fsum(record.scores[name].value for record in finished) / len(finished) if finished else None

    def loss(self, judge: Judge) -> float:
        """Return the mean as a loss; a trial with a failed run is infinitely bad."""
        return math.inf if self.failed else judge.loss(self.mean(judge.metric))

    def place(self, judges: Sequence[Judge]) -> tuple[float, ...]:
        """Return the sort key of trials, the best first."""
        return (self.failed, *(judge.loss(self.mean(judge.metric)) for judge in judges), self.number)


def ranked(trials: Sequence[Trial], judges: Sequence[Judge]) -> list[int]:
    """Return the rank of each trial, 0 the best; trials that tie in every metric share one."""
    places = [trial.place(judges)[:-1] for trial in trials]
    order = {place: rank for rank, place in enumerate(sorted(set(places)))}
    return [order[place] for place in places]


def best_of(trials: Sequence[Trial], judges: Sequence[Judge]) -> Trial:
    """Return the best trial."""
    return min(trials, key=lambda trial: trial.place(judges))


def judges_of(problem: Problem, data: Data, wanted: str | None) -> tuple[Judge, ...]:
    """Return the metrics to select by: the wanted one or the problem's first, then the other headline metrics."""
    names = list(problem.judging.headline)
    if wanted is not None:
        chosen = resolve(wanted, _known(problem, data), f"metric of {problem.name}")
        if metric(chosen).direction == "none":
            raise UserError(f"The metric {chosen!r} has no better direction, so it cannot select settings.")
        names = [chosen, *(name for name in names if name != chosen)]
    directions = {name: metric(name).direction for name in names}
    return tuple(Judge(name, direction) for name, direction in directions.items() if direction != "none")


def _known(problem: Problem, data: Data) -> set[str]:
    """List the metrics of a problem's evaluators."""
    found: set[str] = set()
    for name in problem.judging.evaluators:
        extractor = data.truth.extractor if "extractor" in EVALUATORS[name].needs else None
        found |= {named(family, extractor) for family in EVALUATORS[name].metrics}
    return found
