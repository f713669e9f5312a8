"""Consensus: both players also descend the norm of their joint gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from benchmark.engine.dynamics.base import Cost, Dynamics, terms, update_player
from benchmark.engine.game import Players, Round
from benchmark.engine.play import Play, PlayerGradient, gradient_of
from benchmark.engine.state import Batch, State, Terms


@dataclass(frozen=True)
class Consensus(Dynamics):
    """Consensus optimisation (Mescheder et al., 2017, arXiv:1705.10461).

    v = (∇_D L_D, ∇_G L_G);  ω' = ω - update(v + γ/2 ∇_ω ‖v‖²)

    Both players at once, on one batch. The losses and norms that are reported are those of v.
    """

    looks_ahead: ClassVar[bool] = True

    consensus_gamma: float | Tensor = 10.0  # γ ≥ 0, or [K, 1] where members differ; the paper's, from memory

    @property
    def cost(self) -> Cost:
        """Return what an iteration costs: each player's gradient, and two for the pass back through it."""
        return Cost(critic_gradients=3, generator_gradients=3)

    def advance(self, play: Play, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance the group by one iteration."""
        with torch.enable_grad():
            critic, generator, pulls = self._field(play, state.players, play.round(batch, 0), play.progress(batch))
        reported = terms(critic, generator, *(torch.linalg.vector_norm(m.gradient, dim=1) for m in (critic, generator)))
        critic = critic._replace(gradient=critic.gradient + self.consensus_gamma * pulls[0])
        generator = generator._replace(gradient=generator.gradient + self.consensus_gamma * pulls[1])
        state, _ = update_player(play, state, batch, "critic", critic)
        state, _ = update_player(play, state, batch, "generator", generator)
        return state, reported

    def _field(
        self, play: Play, players: Players, round_: Round, progress: Tensor
    ) -> tuple[PlayerGradient, PlayerGradient, tuple[Tensor, Tensor]]:
        """Return both players' gradients, and ½ ∇‖v‖² of each."""
        leaves = players.critic.detach().requires_grad_(), players.generator.detach().requires_grad_()
        players = players._replace(critic=leaves[0], generator=leaves[1])
        critic_loss, objective, scores = play.critic_loss(players, round_, progress)
        generator_loss = play.generator_loss(players, round_, progress)
        critic = PlayerGradient(
            critic_loss, gradient_of(critic_loss, leaves[0], differentiable=True), objective, scores
        )
        generator = PlayerGradient(generator_loss, gradient_of(generator_loss, leaves[1], differentiable=True))
        energy = (critic.gradient.square().sum(dim=1) + generator.gradient.square().sum(dim=1)) / 2.0
        pulls = torch.autograd.grad(energy.sum(), leaves, allow_unused=True, materialize_grads=True)
        return critic.detached(), generator.detached(), (pulls[0], pulls[1])
