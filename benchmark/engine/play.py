"""The moves of a group's game: each player's gradient, and its update with the dead held still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.func import vmap
from torch.utils._pytree import tree_map

from benchmark.engine import streams
from benchmark.engine.game import Losses, Players, Round
from benchmark.engine.optimisers import Moments, Optimiser, Root
from benchmark.engine.state import Batch, Settings, State
from objectives.base import bind


def over_members(function: Callable[..., Any], members: int) -> Callable[..., Any]:
    """Map a function of one member over a group; a group of one runs without `vmap`, which it would only slow down."""
    if members > 1:
        return vmap(function)

    def alone(*arguments: Any) -> Any:
        return tree_map(lambda t: t.unsqueeze(0), function(*tree_map(lambda t: t[0], arguments)))

    return alone


class CriticMove(NamedTuple):
    """The critic's loss [K], its gradient [K, P], the objective's next state, and mean scores [K, 2]."""

    loss: Tensor
    gradient: Tensor
    objective: Mapping[str, Tensor]
    scores: Tensor


class GeneratorMove(NamedTuple):
    """The generator's loss [K] and its gradient [K, P]."""

    loss: Tensor
    gradient: Tensor


@dataclass(frozen=True)
class Play:
    """A group's game without its state: the losses, the data, the optimisers and the per-member settings.

    The gradient is taken by ordinary autograd of the members' summed losses: members share nothing, so the sum's
    gradient is each member's own.
    """

    losses: Losses
    critic_optimiser: Optimiser
    generator_optimiser: Optimiser
    data: Tensor  # [N, *data]
    settings: Settings
    members: int
    iterations: int  # the whole budget, for `progress`

    def round(self, batch: Batch, number: int) -> Round:
        """Take one round of an iteration's batch: its real samples, noise and draws."""
        indices = batch.indices[number]
        real = self.data.index_select(0, indices.flatten()).view(*indices.shape, *self.data.shape[1:])
        key = streams.fold(batch.key, f"round {number}")
        return Round(real, batch.noise[number], key, self.settings)

    def critic_move(self, players: Players, round_: Round, progress: Tensor) -> CriticMove:
        """Differentiate the critic's loss with respect to the critic."""
        leaf = players.critic.detach().requires_grad_()
        with torch.enable_grad():
            function = over_members(lambda p, r: self.losses.of_critic(p, r, progress), self.members)
            loss, objective, scores = function(players._replace(critic=leaf), round_)
            (gradient,) = torch.autograd.grad(loss.sum(), leaf, allow_unused=True, materialize_grads=True)
        return CriticMove(loss.detach(), gradient, tree_map(torch.Tensor.detach, objective), scores)

    def generator_move(self, players: Players, round_: Round, progress: Tensor) -> GeneratorMove:
        """Differentiate the generator's loss with respect to the generator."""
        leaf = players.generator.detach().requires_grad_()
        with torch.enable_grad():
            function = over_members(lambda p, r: self.losses.of_generator(p, r, progress), self.members)
            loss = function(players._replace(generator=leaf), round_)
            (gradient,) = torch.autograd.grad(loss.sum(), leaf, allow_unused=True, materialize_grads=True)
        return GeneratorMove(loss.detach(), gradient)

    def constrain(self, critic: Tensor) -> Tensor:
        """Apply the objective's constraint on the critic's parameters [K, P]."""
        objective = self.losses.objective
        function = over_members(lambda p, settings: bind(objective, settings).constrain(p), self.members)
        return cast(Tensor, function(critic, self.settings))

    def progress(self, batch: Batch) -> Tensor:
        """Give the share of the budget already spent."""
        return (batch.iteration / self.iterations).to(self.data.dtype)


def gate(state: State, batch: Batch, loss: Tensor, gradient: Tensor) -> tuple[State, Tensor, Tensor]:
    """Retire members whose loss or gradient is not finite: the state, the gradient with theirs zeroed, and its norm."""
    norm = torch.linalg.vector_norm(gradient, dim=1)
    healthy = state.alive & torch.isfinite(loss) & torch.isfinite(norm)
    ended = torch.where(state.alive & ~healthy, batch.iteration, state.ended)
    gradient = torch.where(healthy.unsqueeze(1), gradient, 0.0)
    return state._replace(alive=healthy, ended=ended), gradient, norm


def freeze(alive: Tensor, new: Mapping[str, Tensor], old: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Keep the dead members' old values."""
    return {
        name: torch.where(alive.view(-1, *[1] * (value.dim() - 1)), value, old[name]) for name, value in new.items()
    }


def descend(
    optimiser: Optimiser,
    parameters: Tensor,
    gradient: Tensor,
    moments: Moments,
    count: Tensor,
    alive: Tensor,
    root: Root = torch.sqrt,
) -> tuple[Tensor, Moments]:
    """Update one player; a dead member's learning rate is zero."""
    scale = alive.to(parameters.dtype).unsqueeze(1)
    return optimiser.update(parameters, gradient, moments, count, scale, root)
