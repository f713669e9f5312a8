"""How the two players move in one iteration: small interchangeable functions of state and batch."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from benchmark.engine.game import Round
from benchmark.engine.play import CriticMove, GeneratorMove, Play, descend, freeze, gate
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Dynamics:
    """One iteration of a game."""

    @property
    def critic_gradients(self) -> int:
        """Gradient evaluations of the critic on one batch, per iteration."""
        return 1

    @property
    def generator_gradients(self) -> int:
        """Gradient evaluations of the generator on one batch, per iteration."""
        return 1

    @property
    def batches(self) -> int:
        """Rounds of data and noise that an iteration draws."""
        return 1

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        raise NotImplementedError


@dataclass(frozen=True)
class Alternating(Dynamics):
    """Algorithm 1 of Goodfellow et al. (2014, arXiv:1406.2661): k critic steps, then one generator step.

    Every step draws fresh data and noise.
    """

    critic_steps: int = 1  # k

    def __post_init__(self) -> None:
        if self.critic_steps < 1:
            raise ValueError(f"critic_steps must be at least 1, got {self.critic_steps!r}")

    @property
    def critic_gradients(self) -> int:
        """Gradient evaluations of the critic on one batch, per iteration."""
        return self.critic_steps

    @property
    def batches(self) -> int:
        """Rounds of data and noise that an iteration draws."""
        return self.critic_steps + 1

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        progress = play.progress(batch)
        for step in range(self.critic_steps):
            critic = play.critic_move(state.players, play.round(batch, step), progress)
            state, critic_norm = move_critic(play, state, batch, critic)
        generator = play.generator_move(state.players, play.round(batch, self.critic_steps), progress)
        state, generator_norm = move_generator(play, state, batch, generator)
        return state, terms(critic, generator, critic_norm, generator_norm)


@dataclass(frozen=True)
class Simultaneous(Dynamics):
    """Both players move at once from the same point, on the same data and noise: the vector field of the game."""

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        round_: Round = play.round(batch, 0)
        progress = play.progress(batch)
        critic = play.critic_move(state.players, round_, progress)
        generator = play.generator_move(state.players, round_, progress)
        state, critic_norm = move_critic(play, state, batch, critic)
        state, generator_norm = move_generator(play, state, batch, generator)
        return state, terms(critic, generator, critic_norm, generator_norm)


def move_critic(play: Play, state: State, batch: Batch, move: CriticMove) -> tuple[State, Tensor]:
    """Update the critic, its constraint and the objective's state."""
    state, gradient, norm = gate(state, batch, move.loss, move.gradient)
    count = state.critic_updates + 1
    critic, moments = descend(
        play.critic_optimiser, state.players.critic, gradient, state.critic_moments, count, state.alive
    )
    critic = play.constrain(critic)
    objective = freeze(state.alive, move.objective, state.players.objective)
    players = state.players._replace(critic=critic, objective=objective)
    return state._replace(players=players, critic_moments=moments, critic_updates=count), norm


def move_generator(play: Play, state: State, batch: Batch, move: GeneratorMove) -> tuple[State, Tensor]:
    """Update the generator."""
    state, gradient, norm = gate(state, batch, move.loss, move.gradient)
    count = state.generator_updates + 1
    generator, moments = descend(
        play.generator_optimiser, state.players.generator, gradient, state.generator_moments, count, state.alive
    )
    players = state.players._replace(generator=generator)
    return state._replace(players=players, generator_moments=moments, generator_updates=count), norm


def terms(critic: CriticMove, generator: GeneratorMove, critic_norm: Tensor, generator_norm: Tensor) -> Terms:
    """Gather what an iteration reports."""
    real, fake = critic.scores.unbind(dim=1)
    return Terms(critic.loss, generator.loss, critic_norm, generator_norm, real, fake)


DYNAMICS: dict[str, type[Dynamics]] = {"alternating": Alternating, "simultaneous": Simultaneous}
