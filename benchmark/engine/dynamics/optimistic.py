"""Optimism: extrapolate to the next gradient, and correct the previous extrapolation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from benchmark.engine.dynamics.base import Dynamics, descend, terms, update_along, with_player
from benchmark.engine.game import Players
from benchmark.engine.play import Play, PlayerGradient, Side, freeze_non_finite
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Optimistic(Dynamics):
    """Optimistic gradient descent, by the past gradient (Daskalakis et al., 2018, arXiv:1711.00141).

    ω' = ω - update(2 F(ω_t) - F(ω_{t-1})),  F(ω_{-1}) = 0

    Both players at once, on one batch.
    """

    def memory(self, players: Players) -> Mapping[str, Tensor]:
        """Return zero as the past gradient of the first iteration, as in the paper's algorithm 1."""
        return {"critic": torch.zeros_like(players.critic), "generator": torch.zeros_like(players.generator)}

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        round_, progress = play.round(batch, 0), play.progress(batch)
        critic = play.critic_gradient(state.players, round_, progress)
        generator = play.generator_gradient(state.players, round_, progress)
        state, critic_norm = self._update(play, state, batch, "critic", critic)
        state, generator_norm = self._update(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)

    def _update(
        self, play: Play, state: State, batch: Batch, side: Side, found: PlayerGradient
    ) -> tuple[State, Tensor]:
        state, gradient, norm = freeze_non_finite(state, batch, found.loss, found.gradient)
        return self._update_optimistically(play, state, side, gradient, found.objective), norm

    def _update_optimistically(
        self, play: Play, state: State, side: Side, gradient: Tensor, objective: Mapping[str, Tensor] | None
    ) -> State:
        past = state.memory[side]
        return remember(update_along(play, state, side, 2.0 * gradient - past, objective), side, gradient)


@dataclass(frozen=True)
class OptimisticAdam(Optimistic):
    """Optimistic Adam (Daskalakis et al., 2018, arXiv:1711.00141, algorithm 1).

    ω' = ω - 2 u_t + u_{t-1},  u_t = η m̂_t / (√v̂_t + ε),  u_0 = 0

    It extrapolates Adam's step, where `optimistic` extrapolates the gradient that Adam gets. Gidel et al. (2019) call
    past-extrapolating Adam optimistic too; this is not theirs.
    """

    optimiser: ClassVar[str | None] = "adam"

    def _update_optimistically(
        self, play: Play, state: State, side: Side, gradient: Tensor, objective: Mapping[str, Tensor] | None
    ) -> State:
        before, after = getattr(state, side).parameters, descend(play, state, side, gradient)
        step = before - after.parameters
        ahead = optimistic_step(state, before, step, state.memory[side])
        return remember(with_player(play, state, side, after._replace(parameters=ahead), objective), side, step)


def optimistic_step(state: State, before: Tensor, step: Tensor, past: Tensor) -> Tensor:
    """Take the step twice and the past one back, except for frozen members."""
    return torch.where(state.alive.unsqueeze(1), before - 2.0 * step + past, before)


def remember(state: State, side: Side, value: Tensor) -> State:
    """Keep a player's value for the next iteration."""
    return state._replace(memory={**state.memory, side: value})
