"""Cross-entropy games: the 2014 paper's minimax value and its non-saturating variant."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus

from objectives.base import Critic, Game, Objective
from objectives.ranges import within


@dataclass(frozen=True)
class CrossEntropy(Objective):
    """The discriminator's side of the 2014 game, shared by every generator loss below.

    critic  E softplus(-D(x)) + E softplus(D(G(z)))

    with D a logit: -log σ(D) = softplus(-D) and -log(1 - σ(D)) = softplus(D), exact at any score. With one-sided
    label smoothing (Salimans et al., 2016, arXiv:1606.03498) the real target is 1 - smoothing, which adds
    smoothing · E D(x). The authors' own 2014 code halves this loss; the paper, and we, do not.
    """

    smoothing: float = 0.0  # real target is 1 - smoothing; 0 in the 2014 paper

    def __post_init__(self) -> None:
        within(0.0, 1.0, smoothing=self.smoothing)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_scores, fake_scores = critic(real), critic(fake)
        smoothed = (softplus(-real_scores) + self.smoothing * real_scores).mean()
        return smoothed + softplus(fake_scores).mean()


@dataclass(frozen=True)
class Minimax(CrossEntropy):
    """Saturating minimax game (Goodfellow et al., 2014, arXiv:1406.2661).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  -E softplus(D(G(z)))                      = E log(1 - σ(D(G(z))))

    At the optimal critic D = log p/q the critic's loss is log 4 - 2 JSD(p, q).
    """

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -softplus(critic(fake)).mean()


@dataclass(frozen=True)
class NonSaturating(CrossEntropy):
    """Non-saturating game (Goodfellow et al., 2014, arXiv:1406.2661, section 3).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  E softplus(-D(G(z)))                      = -E log σ(D(G(z)))
    """

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return softplus(-critic(fake)).mean()
