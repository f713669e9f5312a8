"""What an objective needs from a problem: a critic, a generator and labels; and whether they fit."""

from __future__ import annotations

from functools import partial
from typing import cast

from torch import Tensor, nn

from benchmark.engine.flat import FlatNetwork
from benchmark.engine.play import number_format
from benchmark.errors import UserError
from benchmark.networks import CriticNetwork
from benchmark.networks.conditional import ConditionalCritic, conditional_generator
from benchmark.networks.layer_norm import normalise_layers
from benchmark.networks.spectral import normalise_spectrally
from benchmark.problems import Problem
from objectives import Objective


def critic_for(problem: Problem, objective: Objective) -> CriticNetwork:
    """Build the critic that an objective needs on a problem."""
    traits = objective.traits
    critic = problem.critic(traits.critic_kind, traits.packing)
    if traits.critic_norm == "layer":  # before labels join the first layer, so that their bias is normalised too
        critic = normalise_layers(critic)
    if traits.conditioning:
        critic = ConditionalCritic(critic, traits.conditioning, classes_of(problem))
    return normalise_spectrally(critic) if traits.critic_norm == "spectral" else critic


def generator_for(problem: Problem, objective: Objective) -> nn.Module:
    """Build the generator that an objective trains on a problem."""
    generator = problem.generator()
    if objective.traits.conditioning:
        return conditional_generator(generator, problem.noise.dimension, classes_of(problem))
    return generator


def classes_of(problem: Problem) -> int:
    """Return the number of a problem's classes."""
    if problem.labels is None:
        raise UserError(f"The problem {problem.name!r} has no labels of single samples, which this objective needs.")
    return problem.labels.classes


def check_fit(problem: Problem, objective: Objective, data: Tensor) -> None:
    """Raise UserError for an objective that does not fit a problem."""
    if objective.traits.images and data.dim() < 4:
        shape = tuple(data.shape[1:])
        raise UserError(f"The wrapper diffaug needs images, but {problem.name!r} has samples of shape {shape}.")


def couples_gradients(problem: Problem, objective: Objective) -> bool:
    """Return whether an objective takes gradients at single samples of a critic whose samples depend on each other."""
    if not objective.traits.sample_gradients:
        return False
    critic = FlatNetwork.of(partial(critic_for, problem, objective)).module
    return cast(CriticNetwork, critic).couples_batch


def labels_for(problem: Problem, objective: Objective, data: Tensor) -> Tensor | None:
    """Return the labels [N, C] of the data, or of its first N samples, for an objective that needs them."""
    if not objective.traits.conditioning:
        return None
    classes = classes_of(problem)
    assert problem.labels is not None
    known = problem.labels.training[: len(data)].to(data.device)
    return nn.functional.one_hot(known, classes).to(number_format(data))
