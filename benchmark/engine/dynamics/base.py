"""The protocol of dynamics, and the updates that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, cast

from torch import Tensor

from benchmark.engine.game import Players
from benchmark.engine.play import Play, PlayerGradient, Side, freeze, freeze_non_finite
from benchmark.engine.state import Batch, Player, State, Terms


class Cost(NamedTuple):
    """The cost of one iteration.

    Gradients are evaluations of a player's gradient, by its parameters, on one batch; extrapolation and inner steps are
    included. One that is itself differentiated counts three times: forward and backward are three products a layer, and
    the pass back through them takes two for each, which is the work of two gradients more.

    Work inside a loss does not count. A penalty such as R1 differentiates the critic with respect to its inputs and
    then its parameters, about the work of one more gradient of the critic. The tables also show seconds.
    """

    critic_gradients: int = 1
    generator_gradients: int = 1
    critic_updates: int = 1  # updates of the critic that are kept
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
    looks_ahead: ClassVar[bool] = False  # differentiates through gradients, so no loss may stop any

    @property
    def cost(self) -> Cost:
        """Return the cost of an iteration: one of everything, unless overridden."""
        return Cost()

    def memory(self, players: Players) -> Mapping[str, Tensor]:
        """Return the state of the dynamics before the first iteration; most have none."""
        return {}

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        raise NotImplementedError


def update_player(play: Play, state: State, batch: Batch, side: Side, found: PlayerGradient) -> tuple[State, Tensor]:
    """Update a player, and freeze members whose gradient is not finite; return the state and the gradient's norm."""
    state, gradient, norm = freeze_non_finite(state, batch, found.loss, found.gradient)
    return update_along(play, state, side, gradient, found.objective), norm


def update_along(
    play: Play, state: State, side: Side, gradient: Tensor, objective: Mapping[str, Tensor] | None = None
) -> State:
    """Update a player along a finite gradient, and everything that depends on the player."""
    return with_player(play, state, side, descend(play, state, side, gradient), objective)


def descend(play: Play, state: State, side: Side, gradient: Tensor) -> Player:
    """Return a player after one more update, before its constraint."""
    return play.descend(side, getattr(state, side), gradient, state.alive)


def with_player(
    play: Play, state: State, side: Side, player: Player, objective: Mapping[str, Tensor] | None = None
) -> State:
    """Return the state with an updated player.

    For a critic its constraint and the objective's state are updated, for a generator its moving average.
    """
    if side == "generator":
        return state._replace(generator=player, average=play.average(state.average, player.parameters, state.alive))
    player = player._replace(parameters=play.constrain(player.parameters, state.alive))
    after = state.objective if objective is None else freeze(state.alive, objective, state.objective)
    return state._replace(critic=player, objective=after)


def terms(critic: PlayerGradient, generator: PlayerGradient, critic_norm: Tensor, generator_norm: Tensor) -> Terms:
    """Return the terms that an iteration reports."""
    real, fake = cast(Tensor, critic.scores).unbind(dim=1)
    return Terms(critic.loss, generator.loss, critic_norm, generator_norm, real, fake)
