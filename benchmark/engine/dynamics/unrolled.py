"""Unrolling: the generator's gradient passes through the critic's next updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from benchmark.engine.dynamics.base import Cost, Dynamics, terms, update_player
from benchmark.engine.game import Round
from benchmark.engine.optimisers import safe_root
from benchmark.engine.play import Play, PlayerGradient, gradient_of
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Unrolled(Dynamics):
    """Unrolled GAN (Metz et al., 2017, arXiv:1611.02163).

    θ_D⁰ = θ_D;  θ_Dʲ = θ_Dʲ⁻¹ - update(∇_D L_D(θ_Dʲ⁻¹, θ_G))
    θ_G' = θ_G - update(d/dθ_G L_G(θ_Dᵏ(θ_G), θ_G));  θ_D' = θ_D¹

    The derivative d/dθ_G passes through all k updates, the optimiser's state and the constraint included. Both
    players are updated from the same point on one batch, as in the authors' demonstration, so the first inner step is
    the critic's real one; the other k - 1 are discarded. Inside, the objective's own state is constant.
    """

    looks_ahead: ClassVar[bool] = True

    unroll_steps: int = 5  # k, the authors' demonstration

    def __post_init__(self) -> None:
        if self.unroll_steps < 1:
            raise ValueError(f"unroll_steps must be at least 1, got {self.unroll_steps!r}")

    @property
    def cost(self) -> Cost:
        """Return what an iteration costs: k inner gradients, and two for the pass back through each."""
        return Cost(critic_gradients=3 * self.unroll_steps)

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        round_, progress = play.round(batch, 0), play.progress(batch)
        with torch.enable_grad():
            critic, generator = self._look_ahead(play, state, round_, progress)
        state, critic_norm = update_player(play, state, batch, "critic", critic)
        state, generator_norm = update_player(play, state, batch, "generator", generator)
        return state, terms(critic, generator, critic_norm, generator_norm)

    def _look_ahead(
        self, play: Play, state: State, round_: Round, progress: Tensor
    ) -> tuple[PlayerGradient, PlayerGradient]:
        """Return the critic's first gradient, and the generator's against the critic after k updates."""
        critic = state.critic._replace(parameters=state.critic.parameters.detach().requires_grad_())
        leaf, gradients = state.generator.parameters.detach().requires_grad_(), []
        for _ in range(self.unroll_steps):
            players = state.players._replace(critic=critic.parameters, generator=leaf)
            loss, objective, scores = play.critic_loss(players, round_, progress)
            gradient = gradient_of(loss, critic.parameters, differentiable=True)
            gradients.append(PlayerGradient(loss, gradient, objective, scores))
            critic = play.descend("critic", critic, gradient, state.alive, safe_root)
            critic = critic._replace(parameters=play.constrain(critic.parameters, state.alive))
        players = state.players._replace(critic=critic.parameters, generator=leaf)
        loss = play.generator_loss(players, round_, progress)
        return gradients[0].detached(), PlayerGradient(loss.detach(), gradient_of(loss, leaf))
