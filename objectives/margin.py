"""Games with targets and margins on the score: least squares and hinge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import relu

from objectives.base import Critic, Game, Objective, Optimum
from objectives.ranges import finite, positive, within
from objectives.search import SCALE, Searched
from objectives.traits import Recommended, Traits


@dataclass(frozen=True)
class LeastSquares(Objective):
    """Least-squares GAN (Mao et al., 2017, arXiv:1611.04076).

    critic     ½ E (D(x) - b)² + ½ E (D(G(z)) - a)²
    generator  ½ E (D(G(z)) - c)²

    The ½ are the paper's, on linear scores; (a, b, c) = (0, 1, 1) is its 0-1 coding. With b - c = 1 and b - a = 2,
    (-1, 1, 0), the generator minimises Pearson's χ²(p + q ‖ 2q). With one-sided label smoothing the real target moves
    from b towards a.
    """

    a: float = 0.0  # a, the critic's target for fake scores
    b: float = 1.0  # b, the critic's target for real scores
    c: float = 1.0  # c, the generator's target for fake scores
    smoothing: float = 0.0  # in [0, 1): the real target is b - smoothing (b - a); 0 in the paper

    def __post_init__(self) -> None:
        finite(a=self.a, b=self.b, c=self.c)
        within(0.0, 1.0, smoothing=self.smoothing)
        if self.a == self.b:
            raise ValueError(f"a and b must differ, got '{self.a}' for both")

    @cached_property
    def traits(self) -> Traits:
        """State the divergence of the game without smoothing."""
        measured = None if self.smoothing > 0.0 else "the critic's loss is ½ (b - a)² Σ pq / (p + q)"
        paper = Recommended(
            optimiser="adam", generator_learning_rate=1e-3, critic_learning_rate=1e-3, beta1=0.5, batch=64
        )
        return Traits(divergence=measured, recommended=paper)

    @property
    def real_target(self) -> float:
        """The target for real scores, smoothed."""
        return self.b - self.smoothing * (self.b - self.a)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return ((critic(real) - self.real_target).square().mean() + (critic(fake) - self.a).square().mean()) / 2.0

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return (critic(fake) - self.c).square().mean() / 2.0

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return D* = (b p + a q) / (p + q), the mean of the targets."""
        scores = (self.real_target * p + self.a * q) / (p + q)
        return Optimum(scores, 0.5 * (self.real_target - self.a) ** 2 * (p * q / (p + q)).sum())


@dataclass(frozen=True)
class LeastKth(LeastSquares):
    """Least kth-order GAN, LkGAN (Bhatia et al., 2021, arXiv:2006.02479).

    critic     ½ E (D(x) - b)² + ½ E (D(G(z)) - a)²
    generator  E |D(G(z)) - c|^k

    LSGAN's critic, so its optimum is LSGAN's; k = 2 is LSGAN with twice the generator's loss. With b - c = 1 and
    b - a = 2 the generator minimises the Pearson-Vajda divergence of order k. k and the targets' coding are ours here.
    """

    k: float = 3.0  # k in [1, 8], the order; ours

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1.0 <= self.k <= 8.0:  # 10,000^8 is finite in float32
            raise ValueError(f"k must be in [1, 8], got '{self.k}'")

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        gaps: Tensor = (critic(fake) - self.c).abs() ** self.k
        return gaps.mean()


@dataclass(frozen=True)
class Hinge(Objective):
    """Hinge loss (Lim & Ye, 2017, arXiv:1705.02894).

    critic     E relu(m - D(x)) + E relu(m + D(G(z)))
    generator  -E D(G(z))
    """

    traits = Traits(
        divergence="the critic's loss is 2m (1 - TV(p, q))",
        recommended=Recommended(  # from Miyato et al., 2018, who made it the usual choice
            optimiser="adam",
            generator_learning_rate=2e-4,
            critic_learning_rate=2e-4,
            beta1=0.0,
            beta2=0.9,
            critic_steps=5,
            batch=64,
        ),
    )
    searched: ClassVar[Mapping[str, Searched]] = {"margin": SCALE}

    margin: float = 1.0  # m > 0, in units of the score

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return relu(self.margin - critic(real)).mean() + relu(self.margin + critic(fake)).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -critic(fake).mean()

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return D* = m sign(p - q)."""
        return Optimum(self.margin * torch.sign(p - q), 2.0 * self.margin * torch.minimum(p, q).sum())


@dataclass(frozen=True)
class KLWasserstein(Objective):
    """KL-Wasserstein GAN (Song & Ermon, 2020, arXiv:1910.09779).

    critic     E relu(1 - D(x)) + E relu(1 + w D(G(z)))     w = exp D(G(z)) / E exp D(G(z))
    generator  -E w D(G(z))

    Hinge with generated samples weighted by the critic's density ratio; gradients pass through w, as in
    the authors' code (ermongroup/f-wgan). The settings are those of its experiments in the plane, whose critic is
    spectrally normalised: `kl-wgan+sn`.
    """

    traits = Traits(
        separable=False,
        recommended=Recommended(
            optimiser="rmsprop", generator_learning_rate=2e-4, critic_learning_rate=2e-4, critic_steps=5, batch=256
        ),
    )

    def weigh(self, scores: Tensor) -> Tensor:
        """Return w D(G(z)) of each generated sample [B]."""
        return scores.softmax(0) * scores.shape[0] * scores

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return relu(1.0 - critic(real)).mean() + relu(1.0 + self.weigh(critic(fake))).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -self.weigh(critic(fake)).mean()
