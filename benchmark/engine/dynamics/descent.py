"""Gradient descent of both players: in turn, or at once. Two-time-scale is either with two learning rates."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from benchmark.engine.dynamics.base import Cost, Dynamics, terms, update_player
from benchmark.engine.game import Round
from benchmark.engine.play import Play
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Alternating(Dynamics):
    """Algorithm 1 of Goodfellow et al. (2014, arXiv:1406.2661): k critic steps, then one generator step, or several.

    Every step draws fresh data and noise. What is reported is the last step of each player.
    """

    critic_steps: int = 1  # k
    generator_steps: int = 1

    def __post_init__(self) -> None:
        for name in ("critic_steps", "generator_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")

    @property
    def cost(self) -> Cost:
        """Return what an iteration costs."""
        critic, generator = self.critic_steps, self.generator_steps
        return Cost(critic, generator, critic, generator, batches=critic + generator)

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        progress = play.progress(batch)
        for step in range(self.critic_steps):
            critic = play.critic_gradient(state.players, play.round(batch, step), progress)
            state, critic_norm = update_player(play, state, batch, "critic", critic)
        for step in range(self.critic_steps, self.critic_steps + self.generator_steps):
            generator = play.generator_gradient(state.players, play.round(batch, step), progress)
            state, generator_norm = update_player(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)


@dataclass(frozen=True)
class Simultaneous(Dynamics):
    """Both players are updated at once, on the same data and noise: a step along the game's vector field."""

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        round_: Round = play.round(batch, 0)
        progress = play.progress(batch)
        critic = play.critic_gradient(state.players, round_, progress)
        generator = play.generator_gradient(state.players, round_, progress)
        state, critic_norm = update_player(play, state, batch, "critic", critic)
        state, generator_norm = update_player(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)


@dataclass(frozen=True)
class Sequential(Dynamics):
    """The critic is updated first, then the generator against the new critic, both on one batch and one noise.

    Most training loops that make their generated batch once an iteration do this, the script of Welfert et al. (2023,
    arXiv:2302.14320) among them.
    """

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        round_: Round = play.round(batch, 0)
        progress = play.progress(batch)
        critic = play.critic_gradient(state.players, round_, progress)
        state, critic_norm = update_player(play, state, batch, "critic", critic)
        generator = play.generator_gradient(state.players, round_, progress)
        state, generator_norm = update_player(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)


@dataclass(frozen=True)
class GeneratorAlone(Dynamics):
    """Only the generator moves: for objectives that play no game, whose losses never ask the critic."""

    @property
    def cost(self) -> Cost:
        """Return what an iteration costs."""
        return Cost(critic_gradients=0, critic_updates=0)

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        generator = play.generator_gradient(state.players, play.round(batch, 0), play.progress(batch))
        state, norm = update_player(play, state, batch, "generator", generator)
        none, absent = torch.zeros_like(norm), torch.full_like(norm, float("nan"))
        return state, Terms(none, generator.loss, none, norm, absent, absent)
