"""Follow games: does the critic's loss show the distance from the truth, and what could each player still gain?

At points along a run, the mean of the critic's losses since the previous point is recorded with the generator's
distance from the truth: the exact Wasserstein distance of 500 samples each (`w1_n500`), and the Jensen-Shannon
divergence from the known density (`jsd_parzen`). Agreement of the two orders is Kendall's tau between -loss and
distance, of each member: 1 if the distance falls whenever -loss does, 0 if the loss shows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark.engine.duality import duality_gap
from benchmark.engine.group import Group, form
from benchmark.engine.loop import advance
from benchmark.engine.state import State
from benchmark.errors import UserError
from benchmark.problems import Data
from benchmark.runner.curves import marks
from benchmark.runner.evaluate import run_evaluator
from benchmark.runner.experiment import Experiment
from benchmark.runner.plan import plan
from benchmark.runner.progress import Progress
from benchmark.runner.request import Request
from benchmark.stats import Mean, kendall_tau, mean_interval
from objectives.foundation.names import quote

POINTS = 20
TRUTHS = {"w1_n500": ("transport", 2_500), "jsd_parzen": ("density", 1_000)}  # metric: evaluator, samples


@dataclass(frozen=True)
class Followed:
    """The measurements along the runs of an objective on a problem, a row for each seed."""

    problem: str
    row: str
    seeds: tuple[int, ...]
    gradient_evaluations: tuple[int, ...]  # [P]
    critic_loss: tuple[tuple[float, ...], ...]  # [K][P], means since the point before
    truth: Mapping[str, tuple[tuple[float, ...], ...]]  # metric: [K][P]
    gap: Mapping[str, tuple[float, ...]]  # part: [K], at the end; empty unless requested

    def agreement(self, metric: str) -> Mean:
        """Return the mean over seeds of Kendall's tau between -loss and a distance."""
        pairs = zip(self.critic_loss, self.truth[metric], strict=True)
        taus = [tau for losses, truths in pairs if (tau := _tau(losses, truths)) is not None]
        return mean_interval(taus)

    def mean_gap(self, part: str) -> Mean:
        """Return the mean over seeds of the duality gap, or of one player's part of it."""
        return mean_interval([value for value in self.gap[part] if math.isfinite(value)])

    def plain(self) -> dict[str, Any]:
        """Return all numbers, and the agreement, as plain values for JSON."""
        agreement = {metric: self.agreement(metric) for metric in self.truth}
        means = {
            name: {"mean": mean.value, "half_width": mean.half_width, "n": mean.n} for name, mean in agreement.items()
        }
        return dict(vars(self)) | {"agreement": means}


def _tau(losses: Sequence[float], truths: Sequence[float]) -> float | None:
    pairs = [(-loss, truth) for loss, truth in zip(losses, truths, strict=True) if math.isfinite(loss + truth)]
    return kendall_tau([loss for loss, _ in pairs], [truth for _, truth in pairs]) if len(pairs) > 1 else None


def follow(request: Request, cache: Path, progress: Progress, *, points: int = POINTS, gap: int = 0) -> list[Followed]:
    """Train a request and return the measurements; nothing is recorded.

    With `gap`, the duality gap at the end is estimated by this number of steps of each player.

    Raises UserError if a problem's density is not known.
    """
    planned = plan(request, cache)
    for fault in planned.faults:
        progress.note(fault)
    experiments = {run.experiment.row + run.experiment.problem.name: run.experiment for run in planned.runs}
    games = [one for one in experiments.values() if one.objective is not None]
    for one in games:
        if planned.data[one.problem.name].truth.log_density is None:
            raise UserError(
                f"The density of {quote(one.problem.name)} is not known; use a problem with a known density, such as "
                "gaussian1d, grid or ring."
            )
    found = []
    for one in games:
        groups = [(seed,) for seed in request.seeds] if one.alone else [tuple(request.seeds)]
        parts = [_followed(one, planned.data[one.problem.name], seeds, points, gap) for seeds in groups]
        found.append(_joined(parts))
        progress.note(f"{one.problem.name} · {one.row} x {len(request.seeds)}: done")
    return found


def _followed(experiment: Experiment, data: Data, seeds: tuple[int, ...], points: int, gap: int) -> Followed:
    """Train one group and measure it at equal fractions of its budget."""
    assert experiment.objective is not None
    group = form(
        experiment.problem, experiment.objective, experiment.training, seeds, data.training, experiment.iterations
    )
    stops = sorted(marks(experiment.iterations, points))
    losses: list[list[float]] = []
    truths: dict[str, list[list[float]]] = {metric: [] for metric in TRUTHS}
    since: list[Tensor] = []
    state = group.start()
    for position in advance(group, state, stops=stops):
        state = position.state
        assert position.terms is not None
        since.append(position.terms.critic_loss)
        if position.iteration in stops:
            losses.append(torch.stack(since).mean(0).tolist())
            since = []
            for metric, row in _distances(group, state, data).items():
                truths[metric].append(row)
    evaluations = tuple(stop * group.dynamics.cost.gradients for stop in stops)
    parts = duality_gap(group, state, data.truth.reference, gap)._asdict() if gap else {}
    gaps = {name: tuple(values.tolist()) for name, values in parts.items()}
    return Followed(
        problem=experiment.problem.name,
        row=experiment.row,
        seeds=seeds,
        gradient_evaluations=evaluations,
        critic_loss=_by_member(losses),
        truth={metric: _by_member(rows) for metric, rows in truths.items()},
        gap=gaps,
    )


def _distances(group: Group, state: State, data: Data) -> dict[str, list[float]]:
    """Return each member's distances from the truth, NaN where one cannot be computed."""
    samples = group.sample(state, max(count for _, count in TRUTHS.values()))
    found: dict[str, list[float]] = {}
    for metric, (name, count) in TRUTHS.items():
        found[metric] = []
        for member, seed in enumerate(group.seeds):
            scores = run_evaluator(name, data, samples[member, :count], seed).scores
            found[metric].append(scores[metric].value if metric in scores else math.nan)
    return found


def _by_member(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(zip(*rows, strict=True))


def _joined(parts: Sequence[Followed]) -> Followed:
    """Join the measurements of one row over groups of different seeds."""
    first = parts[0]
    return replace(
        first,
        seeds=sum((part.seeds for part in parts), ()),
        critic_loss=sum((part.critic_loss for part in parts), ()),
        truth={metric: sum((part.truth[metric] for part in parts), ()) for metric in first.truth},
        gap={name: sum((part.gap[name] for part in parts), ()) for name in first.gap},
    )
