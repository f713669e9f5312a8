"""What `gan-bench show` prints about a problem."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from benchmark.networks import Noise
from benchmark.problems.base import Problem
from evaluators import EVALUATORS


@dataclass(frozen=True)
class Network:
    """One player: its class, the shapes of its weights and its number of parameters."""

    role: str
    name: str
    shapes: tuple[str, ...]
    parameters: int


@dataclass(frozen=True)
class Choice:
    """An available architecture: parameters by role, and its own training settings."""

    name: str
    noise: Noise
    parameters: Mapping[str, int]
    training: Mapping[str, Any]


@dataclass(frozen=True)
class Evaluation:
    """One evaluator of a problem: how many samples it gets and whether it is run along the way."""

    name: str
    samples: int
    watched: bool
    summary: str


@dataclass(frozen=True)
class ModeFacts:
    """The known modes of a problem."""

    count: int
    dimension: int
    std: float


@dataclass(frozen=True)
class ProblemDescription:
    """Everything known about a problem without loading its data."""

    name: str
    summary: str
    details: str
    noise: Noise
    modes: ModeFacts | None
    networks: tuple[Network, ...]
    network: str  # the name of the architecture
    choices: tuple[Choice, ...]  # the architectures that may be chosen
    gradient_evaluations: int
    first_evaluations: int  # of a first look
    training: Mapping[str, Any]  # the settings that matter under its optimiser, dynamics and schedules
    scales: Mapping[str, float]
    group_size: Mapping[str, int]
    evaluators: tuple[Evaluation, ...]
    headline: tuple[str, ...]


# Settings of the choices that a problem may not have made: of other optimisers, dynamics and schedules.
BOUND: dict[str, tuple[str, tuple[str, ...]]] = {
    "beta1": ("optimiser", ("adam", "adamw")),
    "beta2": ("optimiser", ("adam", "adamw")),
    "epsilon": ("optimiser", ("adam", "adamw", "rmsprop")),
    "momentum": ("optimiser", ("sgd",)),
    "nesterov": ("optimiser", ("sgd",)),
    "alpha": ("optimiser", ("rmsprop",)),
    "weight_decay": ("optimiser", ("adamw",)),
    "unroll_steps": ("dynamics", ("unrolled",)),
    "consensus_gamma": ("dynamics", ("consensus",)),
    "learning_rate_decay": ("learning_rate_schedule", ("exponential",)),
    "learning_rate_floor": ("learning_rate_schedule", ("exponential",)),
    "learning_rate_final": ("learning_rate_schedule", ("linear",)),
    "learning_rate_start": ("learning_rate_schedule", ("linear",)),
    "learning_rate_stop": ("learning_rate_schedule", ("linear",)),
    "momentum_final": ("momentum_schedule", ("linear",)),
    "momentum_start": ("momentum_schedule", ("linear",)),
    "momentum_stop": ("momentum_schedule", ("linear",)),
    "momentum_schedule": ("optimiser", ("sgd",)),
}


def describe(problem: Problem) -> ProblemDescription:
    """Describe a problem; its networks are built to be counted."""
    return ProblemDescription(
        name=problem.name,
        summary=problem.summary,
        details=problem.details,
        noise=problem.noise,
        modes=_modes(problem),
        networks=networks_of(problem),
        network=problem.network,
        choices=tuple(choice_of(problem.configured(name)) for name in problem.architectures),
        gradient_evaluations=problem.budget.gradient_evaluations,
        first_evaluations=problem.budget.quick,
        training=settings_that_matter(dataclasses.asdict(problem.training)),
        scales=dict(problem.budget.scales),
        group_size=dict(problem.group_size),
        evaluators=tuple(
            Evaluation(name, count, name in problem.judging.watched, EVALUATORS[name].summary)
            for name, count in problem.judging.evaluators.items()
        ),
        headline=problem.judging.headline,
    )


def networks_of(problem: Problem) -> tuple[Network, ...]:
    """Build and count the generator and the critic of each kind, without memory for their weights."""
    makers: dict[str, Callable[[], nn.Module]] = {"generator": problem.generator}
    for kind in problem.critic_kinds:
        makers[f"critic, {kind}"] = partial(problem.critic, kind)
    with torch.device("meta"):
        return tuple(_network(role, make()) for role, make in makers.items())


def choice_of(problem: Problem) -> Choice:
    """Count the networks of a problem on one architecture."""
    parameters = {network.role: network.parameters for network in networks_of(problem)}
    return Choice(problem.network, problem.noise, parameters, dict(problem.architecture.training))


def _network(role: str, module: nn.Module) -> Network:
    weights = [weight for weight in module.parameters() if weight.dim() > 1]
    shapes = tuple("×".join(str(size) for size in reversed(weight.shape)) for weight in weights)
    return Network(role, type(module).__name__, shapes, sum(weight.numel() for weight in module.parameters()))


def settings_that_matter(training: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the settings of optimisers, dynamics and schedules that are not chosen."""
    return {
        name: value
        for name, value in training.items()
        if name not in BOUND or training[BOUND[name][0]] in BOUND[name][1]
    }


def _modes(problem: Problem) -> ModeFacts | None:
    modes = problem.source.modes
    return None if modes is None else ModeFacts(len(modes.weights), modes.centres.shape[1], modes.std)
