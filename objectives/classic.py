"""Cross-entropy games: the 2014 paper's minimax value, its non-saturating variant, and others with the same critic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import softplus

from objectives.base import Critic, Game, Objective, Optimum
from objectives.ranges import within
from objectives.traits import Recommended, Traits

RECOMMENDED = Recommended(  # the 2014 MNIST recipe; its momentum rises to 0.7
    optimiser="sgd",
    generator_learning_rate=0.1,
    critic_learning_rate=0.1,
    momentum=0.5,
    critic_steps=1,
    batch=100,
)


@dataclass(frozen=True)
class CrossEntropy(Objective):
    """The discriminator's side of the 2014 game, shared by every generator loss below.

    critic  E softplus(-D(x)) + E softplus(D(G(z)))

    with D a logit: -log σ(D) = softplus(-D) and -log(1 - σ(D)) = softplus(D), exact at any score. With one-sided
    label smoothing (Salimans et al., 2016, arXiv:1606.03498) the real target is 1 - smoothing, which adds
    smoothing · E D(x). The authors' own 2014 code halves this loss; the paper, and we, do not.
    """

    smoothing: float = 0.0  # in [0, 1): the real target is 1 - smoothing; 0 in the 2014 paper

    def __post_init__(self) -> None:
        within(0.0, 1.0, smoothing=self.smoothing)

    @cached_property
    def traits(self) -> Traits:
        """State the divergence of the game without smoothing."""
        measured = None if self.smoothing > 0.0 else "the critic's loss is log 4 - 2 JSD(p, q)"
        return Traits(divergence=measured, recommended=RECOMMENDED)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_scores, fake_scores = critic(real), critic(fake)
        smoothed = (softplus(-real_scores) + self.smoothing * real_scores).mean()
        return smoothed + softplus(fake_scores).mean()

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return σ(D*) = α p / (p + q) with α = 1 - smoothing (2014, proposition 1; 2016, section 3.4)."""
        best = (1.0 - self.smoothing) * p / (p + q)
        loss = -(p * (1.0 - self.smoothing) * best.log() + (q + self.smoothing * p) * (1.0 - best).log()).sum()
        return Optimum(torch.logit(best), loss)


@dataclass(frozen=True)
class Minimax(CrossEntropy):
    """Saturating minimax game (Goodfellow et al., 2014, arXiv:1406.2661).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  -E softplus(D(G(z)))                      = E log(1 - σ(D(G(z))))
    """

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -softplus(critic(fake)).mean()


@dataclass(frozen=True)
class NonSaturating(CrossEntropy):
    """Non-saturating game (Goodfellow et al., 2014, arXiv:1406.2661).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  E softplus(-D(G(z)))                      = -E log σ(D(G(z)))

    The paper's section 3; the same critic as minimax, hence the same optimum.
    """

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return softplus(-critic(fake)).mean()


@dataclass(frozen=True)
class BoundarySeeking(CrossEntropy):
    """Boundary-seeking GAN for continuous data (Hjelm et al., 2018, arXiv:1702.08431).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  ½ E (log σ(D(G(z))) - log(1 - σ(D(G(z)))))² = ½ E D(G(z))²

    Samples are drawn to the decision boundary D = 0, where p = q under the optimal critic.
    """

    @cached_property
    def traits(self) -> Traits:
        """State the settings of its own paper."""
        return replace(super().traits, recommended=Recommended(optimiser="adam", beta1=0.5))

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(fake).square().mean() / 2.0


@dataclass(frozen=True)
class FeatureMatching(CrossEntropy):
    """Feature matching (Salimans et al., 2016, arXiv:1606.03498).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  ‖E f(x) - E f(G(z))‖²     f: the critic's last hidden layer

    The squared Euclidean norm is the paper's; the authors' code takes the mean absolute difference.
    """

    @cached_property
    def traits(self) -> Traits:
        """State that means over the batch are compared."""
        paper = Recommended(
            optimiser="adam", generator_learning_rate=3e-4, critic_learning_rate=3e-4, beta1=0.5, batch=100
        )
        return replace(super().traits, separable=False, recommended=paper)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return (critic.features(real).mean(0) - critic.features(fake).mean(0)).square().sum()


@dataclass(frozen=True)
class Softmax(Objective):
    """Softmax GAN (Lin, 2017, arXiv:1704.06191).

    critic     -1/B Σ D(x) + log Z                       Z = Σ exp D(x) + Σ exp D(G(z))
    generator  -1/2B (Σ D(x) + Σ D(G(z))) + log Z

    Both are cross-entropies of one softmax over the joint batch. The paper writes an energy μ = -D. With all scores
    equal both losses are log 2B, which depends on the batch size.
    """

    traits = Traits(shift_invariant=True, separable=False)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_scores, fake_scores = critic(real), critic(fake)
        log_z = torch.logsumexp(torch.cat([real_scores, fake_scores]), 0)
        return log_z - real_scores.mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        scores = torch.cat([critic(real), critic(fake)])
        return torch.logsumexp(scores, 0) - scores.mean()
