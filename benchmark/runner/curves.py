"""The curves of a group in training: losses, gradients and scores at every point, cheap metrics at some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from benchmark.engine.group import Group
from benchmark.engine.loop import Position
from benchmark.engine.state import Terms
from benchmark.problems import Data, Problem
from benchmark.runner.evaluate import run_evaluator
from benchmark.runner.ladder import Ladder
from benchmark.store import curve_bytes

POINTS = 100  # at equal fractions of the budget
WATCHED_POINTS = 10  # of them, at which samples are drawn and evaluated
WATCHED_SAMPLES = 1_000

OFTEN = frozenset({"iteration", "critic_loss_above_equality", *Terms._fields})  # what every point has

Values = Mapping[str, list[float]]  # one number per member


@dataclass
class Curves:
    """Points of all members, in the order of iterations."""

    group: Group
    problem: Problem
    data: Data
    ladder: Ladder = field(default_factory=dict)  # each rung has the points of a run that ends there
    points: list[tuple[int, dict[str, list[float]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        ends = (*self.ladder, self.group.play.iterations)
        self.marks = frozenset[int]().union(*(marks(end, POINTS) for end in ends))
        self.watched = frozenset[int]().union(*(marks(end, WATCHED_POINTS) for end in ends))
        self.balance = self.value_at_equality()
        self.spread = self.problem.source.stack * total_variance(self.data.training)

    def begin(self, position: Position) -> None:
        """Evaluate the untrained generators, the point of iteration 0."""
        self.points = [(0, self._watch(position))]

    def add(self, position: Position) -> None:
        """Add a point of every member if this iteration has one and it was not added yet."""
        last = self.points[-1][0] if self.points else 0
        if position.iteration not in self.marks or position.iteration <= last or position.terms is None:
            return
        values = {name: term.tolist() for name, term in position.terms._asdict().items()}
        if self.balance is not None:  # the estimated value of the game, above its value at equality
            values["critic_loss_above_equality"] = [loss - self.balance for loss in values["critic_loss"]]
        if position.iteration in self.watched:
            values |= self._watch(position)
        self.points.append((position.iteration, values))

    def value_at_equality(self) -> float | None:
        """Return the loss of an optimal critic if real and fake are equally distributed: log 4 in the 2014 game."""
        equal = torch.ones(1, dtype=torch.float64)
        optimum = self.group.play.losses.objective.optimum(equal, equal)
        return None if optimum is None else float(optimum.loss)

    def _watch(self, position: Position) -> dict[str, list[float]]:
        """Draw samples of every member and evaluate them by the problem's cheap evaluators."""
        samples = self.group.sample(position.state, WATCHED_SAMPLES)
        values = {"spread": [total_variance(part) / self.spread for part in samples]}
        for name in self.problem.judging.watched:
            for member, seed in enumerate(self.group.seeds):
                for metric, score in run_evaluator(name, self.data, samples[member], seed).scores.items():
                    row = values.setdefault(metric, [float("nan")] * len(self.group.seeds))
                    row[member] = score.value
        return values

    def of(self, member: int) -> list[dict[str, float]]:
        """Return one member's points."""
        return [
            {"iteration": iteration} | {name: row[member] for name, row in values.items()}
            for iteration, values in self.points
        ]

    def at(self, member: int, end: int) -> list[dict[str, float]]:
        """Return the points that one member of a run of `end` iterations has."""
        known, watched = marks(end, POINTS) | {0}, marks(end, WATCHED_POINTS) | {0}
        return [
            point if point["iteration"] in watched else {name: point[name] for name in point if name in OFTEN}
            for point in self.of(member)
            if point["iteration"] in known
        ]

    def file_of(self, member: int, last: int) -> bytes:
        """Return the content of one member's curve file, up to an iteration."""
        points = ((int(point.pop("iteration")), point) for point in self.of(member))
        known = (
            (iteration, {name: value for name, value in point.items() if value == value})
            for iteration, point in points
            if iteration <= last
        )
        return curve_bytes(known)

    def plain(self) -> list[Any]:
        """Return the points as plain values, for a checkpoint."""
        return [[iteration, values] for iteration, values in self.points]


def marks(iterations: int, count: int) -> frozenset[int]:
    """Return the iterations at `count` equal fractions of the budget, the last one included."""
    return frozenset(max(1, round(iterations * (point + 1) / count)) for point in range(count))


def total_variance(samples: Tensor) -> float:
    """Return the trace of the covariance of samples [N, *data]."""
    return float(samples.flatten(1).double().var(dim=0).sum())
