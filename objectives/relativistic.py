"""Relativistic games: a score counts only against the scores of the other side."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import relu, softplus

from objectives.base import Critic, Game, Objective
from objectives.traits import Recommended, Traits

STANDARD = Recommended(  # the 2018 paper's first set of settings
    optimiser="adam",
    generator_learning_rate=2e-4,
    critic_learning_rate=2e-4,
    beta1=0.5,
    beta2=0.999,
    critic_steps=1,
    batch=32,
)


@dataclass(frozen=True)
class RelativisticPairing(Objective):
    """Relativistic standard GAN, RSGAN or RpGAN (Jolicoeur-Martineau, 2018, arXiv:1807.00734).

    critic     E softplus(-(D(x) - D(G(z))))
    generator  E softplus(-(D(G(z)) - D(x)))

    Real and fake samples are compared in pairs, row by row.
    """

    traits = Traits(shift_invariant=True, pairs=True, recommended=STANDARD)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return softplus(-(critic(real) - critic(fake))).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return softplus(-(critic(fake) - critic(real))).mean()


@dataclass(frozen=True)
class RelativisticAverage(Objective):
    """Base class of the relativistic average games: each score against the mean of the other side.

    critic     E φ(r - E f) + E φ(-(f - E r))     r = D(x),  f = D(G(z))
    generator  the same with the roles of r and f swapped

    The sum of both terms is the paper's; the author's code halves it.
    """

    traits = Traits(shift_invariant=True, separable=False, recommended=STANDARD)

    def phi(self, score: Tensor) -> Tensor:
        """Return the loss of a score that should be high."""
        raise NotImplementedError

    def against(self, upper: Tensor, lower: Tensor) -> Tensor:
        """Return the loss of the side that wants `upper` above `lower`."""
        return self.phi(upper - lower.mean()).mean() + self.phi(upper.mean() - lower).mean()

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.against(upper=critic(real), lower=critic(fake))

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.against(lower=critic(real), upper=critic(fake))


@dataclass(frozen=True)
class RelativisticAverageStandard(RelativisticAverage):
    """Relativistic average standard GAN, RaSGAN (Jolicoeur-Martineau, 2018, arXiv:1807.00734).

    critic     E softplus(-(D(x) - E D(G(z)))) + E softplus(D(G(z)) - E D(x))
    generator  E softplus(-(D(G(z)) - E D(x))) + E softplus(D(x) - E D(G(z)))

    The author's code halves both; the paper does not.
    """

    def phi(self, score: Tensor) -> Tensor:
        return softplus(-score)


@dataclass(frozen=True)
class RelativisticAverageLeastSquares(RelativisticAverage):
    """Relativistic average LSGAN, RaLSGAN (Jolicoeur-Martineau, 2018, arXiv:1807.00734).

    critic     E (D(x) - E D(G(z)) - 1)² + E (D(G(z)) - E D(x) + 1)²
    generator  E (D(G(z)) - E D(x) - 1)² + E (D(x) - E D(G(z)) + 1)²

    The author's code halves both; the paper does not.
    """

    def phi(self, score: Tensor) -> Tensor:
        return (score - 1.0).square()


@dataclass(frozen=True)
class RelativisticAverageHinge(RelativisticAverage):
    """Relativistic average hinge GAN, RaHinge (Jolicoeur-Martineau, 2018, arXiv:1807.00734).

    critic     E relu(1 - (D(x) - E D(G(z)))) + E relu(1 + (D(G(z)) - E D(x)))
    generator  E relu(1 - (D(G(z)) - E D(x))) + E relu(1 + (D(x) - E D(G(z))))

    The author's code halves both; the paper does not.
    """

    def phi(self, score: Tensor) -> Tensor:
        return relu(1.0 - score)
