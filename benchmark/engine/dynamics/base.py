"""What dynamics are, and the two moves that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from torch import Tensor

from benchmark.engine.game import Players
from benchmark.engine.play import CriticMove, GeneratorMove, Play, freeze, gate
from benchmark.engine.state import Batch, State, Terms


class Cost(NamedTuple):
    """What one iteration costs and does.

    Gradients are evaluations of a player's gradient, by its parameters, on one batch; extrapolation and inner steps are
    included. One that is itself differentiated counts three times: forward and backward are three products a layer, and
    the pass back through them takes two for each, which is the work of two gradients more.

    What a loss does inside is charged nothing. A penalty such as R1 differentiates the critic by its inputs and that
    again by its parameters: about the work of one more gradient of the critic. Seconds stand beside in the tables.
    """

    critic_gradients: int = 1
    generator_gradients: int = 1
    critic_updates: int = 1  # times that the critic moves for good
    generator_updates: int = 1
    batches: int = 1  # rounds of data and noise drawn

    @property
    def gradients(self) -> int:
        """Return the gradients of both players: the unit of budgets."""
        return self.critic_gradients + self.generator_gradients


@dataclass(frozen=True)
class Dynamics:
    """One iteration of a game."""

    optimiser: ClassVar[str | None] = None  # the only one it is defined for

    @property
    def cost(self) -> Cost:
        """Return what an iteration costs: one of everything, unless said otherwise."""
        return Cost()

    def memory(self, players: Players) -> Mapping[str, Tensor]:
        """Return what the dynamics remember before the first iteration; most remember nothing."""
        return {}

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        raise NotImplementedError


def move_critic(play: Play, state: State, batch: Batch, move: CriticMove) -> tuple[State, Tensor]:
    """Update the critic, its constraint and the objective's state; give the norm of its gradient too."""
    state, gradient, norm = gate(state, batch, move.loss, move.gradient)
    return push_critic(play, state, gradient, move.objective), norm


def move_generator(play: Play, state: State, batch: Batch, move: GeneratorMove) -> tuple[State, Tensor]:
    """Update the generator and its average; give the norm of its gradient too."""
    state, gradient, norm = gate(state, batch, move.loss, move.gradient)
    return push_generator(play, state, gradient), norm


def push_critic(play: Play, state: State, gradient: Tensor, objective: Mapping[str, Tensor]) -> State:
    """Update the critic along a gradient known to be finite, its constraint and the objective's state."""
    critic, after = descend_critic(play, state, gradient)
    return place_critic(play, after, critic, objective)


def push_generator(play: Play, state: State, gradient: Tensor) -> State:
    """Update the generator along a gradient known to be finite, and its average."""
    generator, after = descend_generator(play, state, gradient)
    return place_generator(play, after, generator)


def descend_critic(play: Play, state: State, gradient: Tensor) -> tuple[Tensor, State]:
    """Return the critic one update further, not yet in its place, and the state that has counted the update."""
    count, optimiser = state.critic_updates + 1, play.critic_optimiser
    critic, moments = play.descend(optimiser, state.players.critic, gradient, state.critic_moments, count, state.alive)
    return critic, state._replace(critic_moments=moments, critic_updates=count)


def descend_generator(play: Play, state: State, gradient: Tensor) -> tuple[Tensor, State]:
    """Return the generator one update further, not yet in its place, and the state that has counted the update."""
    count, optimiser = state.generator_updates + 1, play.generator_optimiser
    generator, moments = play.descend(
        optimiser, state.players.generator, gradient, state.generator_moments, count, state.alive
    )
    return generator, state._replace(generator_moments=moments, generator_updates=count)


def place_critic(play: Play, state: State, critic: Tensor, objective: Mapping[str, Tensor]) -> State:
    """Put a critic in its place, within its constraint, with the objective's state that follows."""
    players = state.players._replace(
        critic=play.constrain(critic, state.alive), objective=freeze(state.alive, objective, state.players.objective)
    )
    return state._replace(players=players)


def place_generator(play: Play, state: State, generator: Tensor) -> State:
    """Put a generator in its place, and let its average follow."""
    average = play.average(state.average, generator, state.alive)
    return state._replace(players=state.players._replace(generator=generator), average=average)


def terms(critic: CriticMove, generator: GeneratorMove, critic_norm: Tensor, generator_norm: Tensor) -> Terms:
    """Gather what an iteration reports."""
    real, fake = critic.scores.unbind(dim=1)
    return Terms(critic.loss, generator.loss, critic_norm, generator_norm, real, fake)
