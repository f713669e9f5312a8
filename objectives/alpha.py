"""The (α_D, α_G)-GAN: cross-entropy made tunable, one exponent for each player."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

from objectives.base import Critic, Game, Objective, Optimum
from objectives.ranges import positive
from objectives.search import OURS, Searched, Span
from objectives.traits import Recommended, Traits

EXPONENT = 80.0  # exp of it is finite in float32, with room for a batch
SMALL = 1e-12  # of an exponent; its cube, which the second derivative divides by, is a normal number in float32
TUNED = Searched(Span(0.1, 10.0, log=True), Span(0.3, 3.0, log=True), OURS)


def alpha_loss(logit: Tensor, alpha: float | Tensor) -> Tensor:
    """Return the α-loss of a probability σ(logit), element by element.

    ℓ_α(p) = α/(α - 1) (1 - p^((α - 1)/α)),  and -log p at α = 1

    With c = (α - 1)/α and l = -log p = softplus(-logit) it is l (1 - exp(-c l))/(c l), which is smooth through c = 0.
    """
    surprise = softplus(-logit)
    exponent = (1.0 - 1.0 / alpha) * surprise
    small = exponent.abs() < SMALL
    divisor = torch.where(small, 1.0, exponent)
    return surprise * torch.where(small, 1.0 - exponent / 2.0, -torch.expm1(-exponent) / divisor)


@dataclass(frozen=True)
class AlphaGAN(Objective):
    """The (α_D, α_G)-GAN (Welfert et al., 2023, arXiv:2302.14320).

    critic     E ℓ_D(σ(D(x))) + E ℓ_D(1 - σ(D(G(z))))     ℓ_α(p) = α/(α - 1) (1 - p^((α - 1)/α))
    generator  E ℓ_G(σ(D(G(z))))                          saturating: -E ℓ_G(1 - σ(D(G(z))))

    ℓ_D and ℓ_G have exponents α_D and α_G; ℓ_1 = -log, so α = 1 on both sides is the 2014 game. Below 1 the loss is
    exponential in the score, above 1 it is bounded. The defaults, a critic below 1, are ours: the paper tunes both.
    """

    searched: ClassVar[Mapping[str, Searched]] = {"critic_alpha": TUNED, "generator_alpha": TUNED}

    critic_alpha: float = 0.5  # α_D > 0; ours
    generator_alpha: float = 1.0  # α_G > 0; ours
    saturating: bool = False  # the generator minimises what the critic maximises, with its own exponent

    def __post_init__(self) -> None:
        positive(critic_alpha=self.critic_alpha, generator_alpha=self.generator_alpha)

    @cached_property
    def traits(self) -> Traits:
        """State the range of scores: below α = 1 the loss grows as exp(|s| (1 - α)/α)."""
        smallest = min(self.critic_alpha, self.generator_alpha)
        bound = min(1e4, EXPONENT * smallest / (1.0 - smallest)) if smallest < 1.0 else 1e4
        return Traits(
            score_range=(-bound, bound),
            divergence="the critic's loss is α/(α - 1) (2 - Σ (p^α + q^α)^(1/α)), α = α_D; log 4 - 2 JSD at α = 1",
            recommended=Recommended(optimiser="adam", beta1=0.5),
        )

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        alpha = self.critic_alpha
        return alpha_loss(critic(real), alpha).mean() + alpha_loss(-critic(fake), alpha).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        scores = critic(fake)
        if self.saturating:
            return -alpha_loss(-scores, self.generator_alpha).mean()
        return alpha_loss(scores, self.generator_alpha).mean()

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return D* = α_D log(p/q) and Arimoto's divergence (the paper's theorem 1)."""
        alpha = self.critic_alpha
        if alpha == 1.0:
            middle = (p + q) / 2.0
            jsd = (p * (p / middle).log() + q * (q / middle).log()).sum() / 2.0
            return Optimum((p / q).log(), math.log(4.0) - 2.0 * jsd)
        arimoto = (p**alpha + q**alpha) ** (1.0 / alpha)
        return Optimum(alpha * (p / q).log(), alpha / (alpha - 1.0) * (2.0 - arimoto.sum()))
