"""Optimism: expect the next gradient to be like this one, and take back the expectation of the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from benchmark.engine.dynamics.base import (
    Dynamics,
    descend_critic,
    descend_generator,
    place_critic,
    place_generator,
    push_critic,
    push_generator,
    terms,
)
from benchmark.engine.game import Players
from benchmark.engine.play import Play, gate
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Optimistic(Dynamics):
    """Optimistic gradient descent, by the past gradient (Daskalakis et al., 2018, arXiv:1711.00141).

    ω' = ω - update(2 F(ω_t) - F(ω_{t-1})),  F(ω_{-1}) = 0

    Both players at once, on one batch.
    """

    def memory(self, players: Players) -> Mapping[str, Tensor]:
        """Return the past of the first iteration, nought, as in the paper's algorithm 1."""
        return {"critic": torch.zeros_like(players.critic), "generator": torch.zeros_like(players.generator)}

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        round_, progress = play.round(batch, 0), play.progress(batch)
        critic = play.critic_move(state.players, round_, progress)
        generator = play.generator_move(state.players, round_, progress)
        state, critic_gradient, critic_norm = gate(state, batch, critic.loss, critic.gradient)
        state = self._lead_critic(play, state, critic_gradient, critic.objective)
        state, generator_gradient, generator_norm = gate(state, batch, generator.loss, generator.gradient)
        state = self._lead_generator(play, state, generator_gradient)
        return state, terms(critic, generator, critic_norm, generator_norm)

    def _lead_critic(self, play: Play, state: State, gradient: Tensor, objective: Mapping[str, Tensor]) -> State:
        past = state.memory["critic"]
        return remember(push_critic(play, state, 2.0 * gradient - past, objective), "critic", gradient)

    def _lead_generator(self, play: Play, state: State, gradient: Tensor) -> State:
        past = state.memory["generator"]
        return remember(push_generator(play, state, 2.0 * gradient - past), "generator", gradient)


@dataclass(frozen=True)
class OptimisticAdam(Optimistic):
    """Optimistic Adam (Daskalakis et al., 2018, arXiv:1711.00141, algorithm 1).

    ω' = ω - 2 u_t + u_{t-1},  u_t = η m̂_t / (√v̂_t + ε),  u_0 = 0

    Optimism about Adam's step, where `optimistic` is about the gradient that Adam is given. Gidel et al. (2019) call
    past-extrapolating Adam optimistic too; this is not theirs.
    """

    optimiser: ClassVar[str | None] = "adam"

    def _lead_critic(self, play: Play, state: State, gradient: Tensor, objective: Mapping[str, Tensor]) -> State:
        critic, after = descend_critic(play, state, gradient)
        step = state.players.critic - critic
        critic = lead(state, state.players.critic, step, state.memory["critic"])
        return remember(place_critic(play, after, critic, objective), "critic", step)

    def _lead_generator(self, play: Play, state: State, gradient: Tensor) -> State:
        generator, after = descend_generator(play, state, gradient)
        step = state.players.generator - generator
        generator = lead(state, state.players.generator, step, state.memory["generator"])
        return remember(place_generator(play, after, generator), "generator", step)


def lead(state: State, before: Tensor, step: Tensor, past: Tensor) -> Tensor:
    """Take the step twice and the past one back; the dead stay."""
    return torch.where(state.alive.unsqueeze(1), before - 2.0 * step + past, before)


def remember(state: State, player: str, value: Tensor) -> State:
    """Keep a player's value for the next iteration."""
    return state._replace(memory={**state.memory, player: value})
