"""Extrapolation: take a trial step, then step from the starting point along the gradient found there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from benchmark.engine.dynamics.base import Cost, Dynamics, terms, update_player
from benchmark.engine.play import Play
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Extragradient(Dynamics):
    """The extragradient method (Korpelevich, 1976; for GANs Gidel et al., 2019, arXiv:1802.10551, algorithm 2).

    ω̃ = ω - update(F(ω));  ω' = ω - update(F(ω̃))

    Both players at once; each half draws fresh data and noise, as in the paper. The trial uses the optimiser's
    current state; its own update of that state is discarded. The objective's own state follows the second half.
    """

    @property
    def cost(self) -> Cost:
        """Return what an iteration costs."""
        return Cost(critic_gradients=2, generator_gradients=2, batches=2)

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        trial, _ = self._half(play, state, state, batch, 0)
        return self._half(play, state._replace(alive=trial.alive, ended=trial.ended), trial, batch, 1)

    def _half(self, play: Play, start: State, at: State, batch: Batch, number: int) -> tuple[State, Terms]:
        """Step from `start` along the gradients at `at`."""
        players = at.players._replace(objective=start.objective)
        round_, progress = play.round(batch, number), play.progress(batch)
        critic = play.critic_gradient(players, round_, progress)
        generator = play.generator_gradient(players, round_, progress)
        state, critic_norm = update_player(play, start, batch, "critic", critic)
        state, generator_norm = update_player(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)


@dataclass(frozen=True)
class ExtraAdam(Extragradient):
    """Adam with extrapolation (Gidel et al., 2019, arXiv:1802.10551, algorithm 4).

    As extragradient, but the moments keep the trial's gradient: iteration t corrects their bias by 1 - β²ᵗ⁻¹ in the
    trial and by 1 - β²ᵗ in the step. A schedule sees the same double count.
    """

    optimiser: ClassVar[str | None] = "adam"

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        doubled = counted(state, 2 * state.critic.updates, 2 * state.generator.updates)
        trial, _ = self._half(play, doubled, state, batch, 0)
        start = trial.at(critic=state.critic.parameters, generator=state.generator.parameters)
        start = start._replace(objective=state.objective, average=state.average)
        after, reported = self._half(play, start, trial, batch, 1)
        return counted(after, state.critic.updates + 1, state.generator.updates + 1), reported


def counted(state: State, critic: Tensor, generator: Tensor) -> State:
    """Return the state with other numbers of updates."""
    return state._replace(
        critic=state.critic._replace(updates=critic), generator=state.generator._replace(updates=generator)
    )
