"""Integral probability metrics: the Wasserstein loss with its weight clipping, and Fisher's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from objectives.base import Critic, Game, Objective, Optimum
from objectives.compose import Penalty
from objectives.ranges import positive
from objectives.search import STUDY, Searched, decades, weight
from objectives.traits import Added, Recommended, Traits


@dataclass(frozen=True)
class Wasserstein(Objective):
    """Wasserstein loss without any constraint (Arjovsky et al., 2017, arXiv:1701.07875).

    critic     E D(G(z)) - E D(x)
    generator  -E D(G(z))

    Only part of a game: with an unconstrained critic the loss has no lower bound. `wgan`, `wgan-gp`, `wgan-lp` and
    `wgan-div` constrain the critic's slope.
    """

    traits = Traits(
        shift_invariant=True,
        unbounded="the critic needs a constraint",
        recommended=Recommended(
            optimiser="rmsprop", generator_learning_rate=5e-5, critic_learning_rate=5e-5, critic_steps=5, batch=64
        ),
    )

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(fake).mean() - critic(real).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -critic(fake).mean()


@dataclass(frozen=True)
class Clip(Penalty):
    """Weight clipping (Arjovsky et al., 2017, arXiv:1701.07875).

    after each critic update  θ ← clip(θ, -c, c)
    """

    traits = Added(critics=("score", "energy", "embedding"), constrains=True, bounds=True)
    searched: ClassVar[Mapping[str, Searched]] = {"bound": Searched(decades(-3, 0), decades(-2, 0), STUDY)}

    bound: float = 0.01  # c > 0, the paper's, for every weight and bias

    def __post_init__(self) -> None:
        positive(bound=self.bound)

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        return critic_parameters.clamp(-self.bound, self.bound)


@dataclass(frozen=True)
class Fisher(Objective):
    """Fisher GAN (Mroueh & Sercu, 2017, arXiv:1705.09675).

    critic     -(E D(x) - E D(G(z))) - λ Ω + ρ/2 Ω²     Ω = 1 - ½ (E D(x)² + E D(G(z))²)
    generator  -E D(G(z))
    state      λ ← λ - ρ Ω,  λ = 0 at first

    An augmented Lagrangian keeps the critic's second moment at 1: λ rises while it is above. The settings are those of
    the authors' code (tomsercu/FisherGAN), which updates λ after the critic, with the scores of that update.
    """

    traits = Traits(
        divergence="at Ω = 0 the critic's loss is -√(Σ (p - q)² / ((p + q)/2))",
        state_signs={"lambda": (1, 1)},
        recommended=Recommended(
            optimiser="rmsprop", generator_learning_rate=5e-5, critic_learning_rate=5e-5, critic_steps=5, batch=64
        ),
    )
    searched: ClassVar[Mapping[str, Searched]] = {"rho": weight(1e-6)}

    rho: float = 1e-6  # ρ > 0, weight of the squared constraint and step of λ; the authors'

    def __post_init__(self) -> None:
        positive(rho=self.rho)

    def shortfall(self, real_scores: Tensor, fake_scores: Tensor) -> Tensor:
        """Return Ω, 1 minus the mean second moment of the scores."""
        return 1.0 - (real_scores.square().mean() + fake_scores.square().mean()) / 2.0

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_scores, fake_scores = critic(real), critic(fake)
        omega = self.shortfall(real_scores, fake_scores)
        gap = real_scores.mean() - fake_scores.mean()
        return -gap - game.state["lambda"] * omega + self.rho / 2.0 * omega.square()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -critic(fake).mean()

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        return {"lambda": torch.zeros_like(game.progress)}

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        return {"lambda": game.state["lambda"] - self.rho * self.shortfall(critic(real), critic(fake))}

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return D* = (p - q) / ((p + q)/2) / F with F = √(Σ (p - q)² / ((p + q)/2)), best at λ = F/2."""
        middle = (p + q) / 2.0
        distance = ((p - q).square() / middle).sum().sqrt()
        return Optimum((p - q) / middle / distance, -distance, {"lambda": distance / 2.0})
