"""A group's game: each player's gradient and its update; members that became non-finite stay frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

import torch
from torch import Tensor
from torch.func import vmap
from torch.utils._pytree import tree_map

from benchmark.engine import streams
from benchmark.engine.game import Losses, Players, Round
from benchmark.engine.optimisers import Optimiser, Root, clipped
from benchmark.engine.schedules import Schedules
from benchmark.engine.state import Batch, Player, Settings, State
from benchmark.problems import as_floats
from objectives.base import bind

Side = Literal["critic", "generator"]


def over_members(function: Callable[..., Any], members: int) -> Callable[..., Any]:
    """Map a function of one member over a group; a group of one runs without `vmap`, which it would only slow down."""
    if members > 1:
        return vmap(function)

    def alone(*arguments: Any) -> Any:
        return tree_map(lambda t: t.unsqueeze(0), function(*tree_map(lambda t: t[0], arguments)))

    return alone


def number_format(data: Tensor) -> torch.dtype:
    """Return the number format of a game on some data: that of the data, or float32 for bytes."""
    return data.dtype if data.is_floating_point() else torch.float32


class PlayerGradient(NamedTuple):
    """One player's loss [K] and its gradient [K, P]; a critic's also has the objective's next state and scores."""

    loss: Tensor
    gradient: Tensor
    objective: Mapping[str, Tensor] | None = None
    scores: Tensor | None = None  # the means of real and of fake [K, 2]

    def detached(self) -> PlayerGradient:
        """Return it without the graph that it was differentiated from."""
        return cast(PlayerGradient, tree_map(lambda value: value if value is None else value.detach(), self))


@dataclass(frozen=True)
class Play:
    """A group's game without its state: the losses, the data, the optimisers and the per-member settings.

    The gradient is taken by ordinary autograd of the members' summed losses: members share nothing, so the sum's
    gradient is each member's own.
    """

    losses: Losses
    critic_optimiser: Optimiser
    generator_optimiser: Optimiser
    data: Tensor  # [N, *data]; bytes become floats in the batch
    settings: Settings
    members: int
    iterations: int  # the whole budget, for `progress`
    schedules: Schedules = field(default_factory=dict)  # of both optimisers, each over its player's updates
    clip_norm: float | Tensor | None = None  # of each member's gradient
    ema_decay: float | Tensor | None = None  # of the generator's moving average
    stack: int = 1  # rows of the data that make one sample, side by side along its first axis
    labels: Tensor | None = None  # [N, C], rows of 0 and 1 beside the data, of a conditional game

    @property
    def dtype(self) -> torch.dtype:
        """Return the number format of the game."""
        return number_format(self.data)

    def round(self, batch: Batch, number: int) -> Round:
        """Take one round of an iteration's batch: its real samples, noise and draws."""
        key = streams.fold(batch.key, f"round {number}")
        indices, further = batch.indices[number], {}
        if batch.second:
            further["second_real"] = self.rows(batch.second["indices"][number])
            further["second_noise"] = batch.second["noise"][number]
        if self.labels is not None:
            further["labels"] = self.labels.index_select(0, indices.flatten()).view(*indices.shape, -1)
        return Round(self.rows(indices), batch.noise[number], key, self.settings, further)

    def rows(self, indices: Tensor) -> Tensor:
        """Return the samples [K, B, *data] at indices [K, stack B] of the data."""
        axes = (indices.shape[0], indices.shape[1] // self.stack, self.stack * self.data.shape[1], *self.data.shape[2:])
        return as_floats(self.data.index_select(0, indices.flatten()).view(axes))

    def critic_loss(
        self, players: Players, round_: Round, progress: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor], Tensor]:
        """Return the critic's loss [K], the objective's next state, and mean scores [K, 2]."""
        function = over_members(lambda p, r: self.losses.of_critic(p, r, progress), self.members)
        return cast(tuple[Tensor, Mapping[str, Tensor], Tensor], function(players, round_))

    def generator_loss(self, players: Players, round_: Round, progress: Tensor) -> Tensor:
        """Return the generator's loss [K]."""
        function = over_members(lambda p, r: self.losses.of_generator(p, r, progress), self.members)
        return cast(Tensor, function(players, round_))

    def critic_gradient(self, players: Players, round_: Round, progress: Tensor) -> PlayerGradient:
        """Differentiate the critic's loss with respect to the critic."""
        leaf = players.critic.detach().requires_grad_()
        with torch.enable_grad():
            loss, objective, scores = self.critic_loss(players._replace(critic=leaf), round_, progress)
            gradient = gradient_of(loss, leaf)
        return PlayerGradient(loss.detach(), gradient, tree_map(torch.Tensor.detach, objective), scores)

    def generator_gradient(self, players: Players, round_: Round, progress: Tensor) -> PlayerGradient:
        """Differentiate the generator's loss with respect to the generator."""
        leaf = players.generator.detach().requires_grad_()
        with torch.enable_grad():
            loss = self.generator_loss(players._replace(generator=leaf), round_, progress)
            gradient = gradient_of(loss, leaf)
        return PlayerGradient(loss.detach(), gradient)

    def descend(self, side: Side, player: Player, gradient: Tensor, alive: Tensor, root: Root = torch.sqrt) -> Player:
        """Return a player after one more update, before its constraint; a frozen member's learning rate is zero."""
        optimiser = self.critic_optimiser if side == "critic" else self.generator_optimiser
        count = player.updates + 1
        if self.clip_norm is not None:
            gradient = clipped(gradient, self.clip_norm)
        if self.schedules:
            optimiser = optimiser.after(player.updates, self.schedules, gradient.dtype)
        scale = alive.to(gradient.dtype).unsqueeze(1)
        parameters, state = optimiser.update(player.parameters, gradient, player.optimiser, count, scale, root)
        return Player(parameters, state, count)

    def constrain(self, critic: Tensor, alive: Tensor) -> Tensor:
        """Apply the objective's constraint to critics [K, P] that still train, and update the state of their layers."""
        objective, network = self.losses.objective, self.losses.critic
        function = over_members(
            lambda p, settings: network.with_updated_state(bind(objective, settings).constrain(p)), self.members
        )
        constrained: Tensor = function(critic, self.settings)
        changed = objective.traits.constrains or network.updates_state
        return torch.where(alive.unsqueeze(1), constrained, critic) if changed else constrained

    def average(self, average: Mapping[str, Tensor], generator: Tensor, alive: Tensor) -> Mapping[str, Tensor]:
        """Update the generator's average, a ← d a + (1 - d) θ, where there is one."""
        if self.ema_decay is None:
            return average
        moved = torch.lerp(generator, average["generator"], self.ema_decay)
        return freeze(alive, {"generator": moved}, average)

    def progress(self, batch: Batch) -> Tensor:
        """Return the share of the budget already spent."""
        return (batch.iteration / self.iterations).to(self.dtype)


def gradient_of(loss: Tensor, leaf: Tensor, *, differentiable: bool = False) -> Tensor:
    """Return each member's gradient [K, P] of its loss [K]; zero if the loss does not depend on the leaf."""
    (gradient,) = torch.autograd.grad(
        loss.sum(), leaf, create_graph=differentiable, allow_unused=True, materialize_grads=True
    )
    return gradient


def freeze_non_finite(state: State, batch: Batch, loss: Tensor, gradient: Tensor) -> tuple[State, Tensor, Tensor]:
    """Freeze members whose loss or gradient is not finite; return the state, the gradient zeroed for them, its norm."""
    norm = torch.linalg.vector_norm(gradient, dim=1)
    healthy = state.alive & torch.isfinite(loss + norm)  # a sum of finite numbers only if both are
    ended = torch.where(state.alive & ~healthy, batch.iteration, state.ended)
    gradient = torch.where(healthy.unsqueeze(1), gradient, 0.0)
    return state._replace(alive=healthy, ended=ended), gradient, norm


def freeze(alive: Tensor, new: Mapping[str, Tensor], old: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Keep the old values of frozen members."""
    return {
        name: torch.where(alive.view(-1, *[1] * (value.dim() - 1)), value, old[name]) for name, value in new.items()
    }
