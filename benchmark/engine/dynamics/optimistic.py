"""Optimism: expect the next gradient to be like this one, and take back the expectation of the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from benchmark.engine.dynamics.base import Dynamics, descend, place, push, terms
from benchmark.engine.game import Players
from benchmark.engine.play import Move, Play, Side, gate
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
        critic = play.critic_move(state.players, round_, progress)
        generator = play.generator_move(state.players, round_, progress)
        state, critic_norm = self._take(play, state, batch, "critic", critic)
        state, generator_norm = self._take(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)

    def _take(self, play: Play, state: State, batch: Batch, side: Side, move: Move) -> tuple[State, Tensor]:
        state, gradient, norm = gate(state, batch, move.loss, move.gradient)
        return self._lead(play, state, side, gradient, move.objective), norm

    def _lead(
        self, play: Play, state: State, side: Side, gradient: Tensor, objective: Mapping[str, Tensor] | None
    ) -> State:
        past = state.memory[side]
        return remember(push(play, state, side, 2.0 * gradient - past, objective), side, gradient)


@dataclass(frozen=True)
class OptimisticAdam(Optimistic):
    """Optimistic Adam (Daskalakis et al., 2018, arXiv:1711.00141, algorithm 1).

    ω' = ω - 2 u_t + u_{t-1},  u_t = η m̂_t / (√v̂_t + ε),  u_0 = 0

    Optimism about Adam's step, where `optimistic` is about the gradient that Adam is given. Gidel et al. (2019) call
    past-extrapolating Adam optimistic too; this is not theirs.
    """

    optimiser: ClassVar[str | None] = "adam"

    def _lead(
        self, play: Play, state: State, side: Side, gradient: Tensor, objective: Mapping[str, Tensor] | None
    ) -> State:
        before, after = getattr(state, side).parameters, descend(play, state, side, gradient)
        step = before - after.parameters
        led = lead(state, before, step, state.memory[side])
        return remember(place(play, state, side, after._replace(parameters=led), objective), side, step)


def lead(state: State, before: Tensor, step: Tensor, past: Tensor) -> Tensor:
    """Take the step twice and the past one back; frozen members stay."""
    return torch.where(state.alive.unsqueeze(1), before - 2.0 * step + past, before)


def remember(state: State, side: Side, value: Tensor) -> State:
    """Keep a player's value for the next iteration."""
    return state._replace(memory={**state.memory, side: value})
