"""Extrapolation: take a trial step, then step from where one stood along the gradient found there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.engine.dynamics.base import Cost, Dynamics, move_critic, move_generator, terms
from benchmark.engine.play import Play
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Extragradient(Dynamics):
    """The extragradient method (Korpelevich, 1976; for GANs Gidel et al., 2019, arXiv:1802.10551, algorithm 2).

    ω̃ = ω - update(F(ω));  ω' = ω - update(F(ω̃))

    Both players at once; each half draws fresh data and noise, as in the paper. The trial is made with the optimiser's
    moments as they stand and forgotten with the rest of it. The objective's own state follows the second half.
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
        players = at.players._replace(objective=start.players.objective)
        round_, progress = play.round(batch, number), play.progress(batch)
        critic = play.critic_move(players, round_, progress)
        generator = play.generator_move(players, round_, progress)
        state, critic_norm = move_critic(play, start, batch, critic)
        state, generator_norm = move_generator(play, state, batch, generator)
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
        doubled = state._replace(critic_updates=2 * state.critic_updates, generator_updates=2 * state.generator_updates)
        trial, _ = self._half(play, doubled, state, batch, 0)
        start = trial._replace(players=state.players, average=state.average)
        after, reported = self._half(play, start, trial, batch, 1)
        counts = {name: getattr(state, name) + 1 for name in ("critic_updates", "generator_updates")}
        return after._replace(**counts), reported
