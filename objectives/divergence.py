"""The f-GAN family (Nowozin et al., 2016, arXiv:1606.00709): one variational bound, eight divergences.

D_f(p ‖ q) = Σ q f(p/q) ≥ E_p T - E_q f*(T), tight at T = f'(p/q). The critic returns an unconstrained score v, and T =
g(v) is in the domain of f*. Below, `conjugate` is f*(g(v)), simplified so that it never reaches the edge of the domain.
In the author's notebook T decreases with v for three divergences; here it always increases: a high score means "real".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import softplus

from objectives.base import Critic, Game, Objective, Optimum
from objectives.traits import Recommended, Traits

EXPONENT = 80.0  # exp of it is finite in float32, with room for a batch


@dataclass(frozen=True)
class FGAN(Objective):
    """Base class of the f-GANs.

    critic     E f*(g(D(G(z)))) - E g(D(x))
    generator  -E f*(g(D(G(z))))              or, with the paper's trick, -E g(D(G(z)))
    """

    traits = Traits(
        recommended=Recommended(optimiser="adam", generator_learning_rate=2e-4, critic_learning_rate=2e-4, beta1=0.5)
    )

    trick: bool = False  # the generator maximises E g(D(G(z))) instead (the paper's section 3.2)

    def activation(self, v: Tensor) -> Tensor:
        """Map an unconstrained score into the domain of f*: T = g(v)."""
        raise NotImplementedError

    def conjugate(self, v: Tensor) -> Tensor:
        """Return f*(g(v)), simplified."""
        raise NotImplementedError

    def f(self, u: Tensor) -> Tensor:
        """Return the convex function of the ratio u = p/q that defines the divergence."""
        raise NotImplementedError

    def best(self, u: Tensor) -> Tensor:
        """Return the score v with g(v) = f'(u)."""
        raise NotImplementedError

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.conjugate(critic(fake)).mean() - self.activation(critic(real)).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -(self.activation if self.trick else self.conjugate)(critic(fake)).mean()

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return v with g(v) = f'(p/q), and -D_f(p ‖ q) by its definition."""
        return Optimum(self.best(p / q), -(q * self.f(p / q)).sum())


@dataclass(frozen=True)
class FGANKullbackLeibler(FGAN):
    """f-GAN, Kullback-Leibler (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E exp(D(G(z)) - 1) - E D(x)
    generator  -E exp(D(G(z)) - 1)

    f(u) = u log u,  g(v) = v,  f*(t) = exp(t - 1)
    """

    traits = replace(FGAN.traits, score_range=(-1e4, EXPONENT), divergence="the critic's loss is -KL(p ‖ q)")

    def activation(self, v: Tensor) -> Tensor:
        return v

    def conjugate(self, v: Tensor) -> Tensor:
        return (v - 1.0).exp()

    def f(self, u: Tensor) -> Tensor:
        return u * u.log()

    def best(self, u: Tensor) -> Tensor:
        return 1.0 + u.log()


@dataclass(frozen=True)
class FGANReverseKullbackLeibler(FGAN):
    """f-GAN, reverse Kullback-Leibler (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E (D(G(z)) - 1) + E exp(-D(x))
    generator  -E (D(G(z)) - 1)

    f(u) = -log u,  g(v) = -exp(-v),  f*(t) = -1 - log(-t)
    """

    traits = replace(FGAN.traits, score_range=(-EXPONENT, 1e4), divergence="the critic's loss is -KL(q ‖ p)")

    def activation(self, v: Tensor) -> Tensor:
        return -(-v).exp()

    def conjugate(self, v: Tensor) -> Tensor:
        return v - 1.0

    def f(self, u: Tensor) -> Tensor:
        return -u.log()

    def best(self, u: Tensor) -> Tensor:
        return u.log()


@dataclass(frozen=True)
class FGANPearson(FGAN):
    """f-GAN, Pearson's χ² (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E (D(G(z))²/4 + D(G(z))) - E D(x)
    generator  -E (D(G(z))²/4 + D(G(z)))

    f(u) = (u - 1)²,  g(v) = v,  f*(t) = t²/4 + t
    """

    traits = replace(FGAN.traits, divergence="the critic's loss is -Σ (p - q)² / q")

    def activation(self, v: Tensor) -> Tensor:
        return v

    def conjugate(self, v: Tensor) -> Tensor:
        return v.square() / 4.0 + v

    def f(self, u: Tensor) -> Tensor:
        return (u - 1.0).square()

    def best(self, u: Tensor) -> Tensor:
        return 2.0 * (u - 1.0)


@dataclass(frozen=True)
class FGANNeyman(FGAN):
    """f-GAN, Neyman's χ² (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E (2 - 2 exp(-D(G(z))/2)) - E (1 - exp(-D(x)))
    generator  -E (2 - 2 exp(-D(G(z))/2))

    f(u) = (1 - u)²/u,  g(v) = 1 - exp(-v),  f*(t) = 2 - 2 √(1 - t)
    """

    traits = replace(FGAN.traits, score_range=(-EXPONENT, 1e4), divergence="the critic's loss is -Σ (p - q)² / p")

    def activation(self, v: Tensor) -> Tensor:
        return -torch.expm1(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return -2.0 * torch.expm1(-v / 2.0)

    def f(self, u: Tensor) -> Tensor:
        return (1.0 - u).square() / u

    def best(self, u: Tensor) -> Tensor:
        return 2.0 * u.log()


@dataclass(frozen=True)
class FGANHellinger(FGAN):
    """f-GAN, squared Hellinger (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E (exp(D(G(z))) - 1) - E (1 - exp(-D(x)))
    generator  -E (exp(D(G(z))) - 1)

    f(u) = (√u - 1)²,  g(v) = 1 - exp(-v),  f*(t) = t / (1 - t)
    """

    traits = replace(FGAN.traits, score_range=(-EXPONENT, EXPONENT), divergence="the critic's loss is -Σ (√p - √q)²")

    def activation(self, v: Tensor) -> Tensor:
        return -torch.expm1(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return torch.expm1(v)

    def f(self, u: Tensor) -> Tensor:
        return (u.sqrt() - 1.0).square()

    def best(self, u: Tensor) -> Tensor:
        return u.log() / 2.0


@dataclass(frozen=True)
class FGANJensenShannon(FGAN):
    """f-GAN, Jensen-Shannon (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E (softplus(D(G(z))) - log 2) + E (softplus(-D(x)) - log 2)
    generator  -E (softplus(D(G(z))) - log 2)

    f(u) = -(u + 1) log((1 + u)/2) + u log u,  g(v) = log 2 - softplus(-v),  f*(t) = -log(2 - exp t)

    This f is twice the Jensen-Shannon divergence.
    """

    traits = replace(FGAN.traits, divergence="the critic's loss is -2 JSD(p, q)")

    def activation(self, v: Tensor) -> Tensor:
        return math.log(2.0) - softplus(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return softplus(v) - math.log(2.0)

    def f(self, u: Tensor) -> Tensor:
        return -(u + 1.0) * ((1.0 + u) / 2.0).log() + u * u.log()

    def best(self, u: Tensor) -> Tensor:
        return u.log()


@dataclass(frozen=True)
class FGANMinimax(FGAN):
    """f-GAN, the 2014 GAN's own divergence (Nowozin et al., 2016, arXiv:1606.00709).

    critic     E softplus(D(G(z))) + E softplus(-D(x))
    generator  -E softplus(D(G(z)))

    f(u) = u log u - (u + 1) log(u + 1),  g(v) = -softplus(-v),  f*(t) = -log(1 - exp t).  The same as `minimax`.
    """

    traits = replace(FGAN.traits, divergence="the critic's loss is log 4 - 2 JSD(p, q)")

    def activation(self, v: Tensor) -> Tensor:
        return -softplus(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return softplus(v)

    def f(self, u: Tensor) -> Tensor:
        return u * u.log() - (u + 1.0) * (u + 1.0).log()

    def best(self, u: Tensor) -> Tensor:
        return u.log()


@dataclass(frozen=True)
class FGANTotalVariation(FGAN):
    """f-GAN, total variation (Nowozin et al., 2016, arXiv:1606.00709).

    critic     ½ E tanh(D(G(z))) - ½ E tanh(D(x))
    generator  -½ E tanh(D(G(z)))

    f(u) = |u - 1|/2,  g(v) = tanh(v)/2,  f*(t) = t.  The best score is infinite wherever p ≠ q.
    """

    traits = replace(FGAN.traits, divergence="the critic's loss is -TV(p, q)")

    def activation(self, v: Tensor) -> Tensor:
        return v.tanh() / 2.0

    def conjugate(self, v: Tensor) -> Tensor:
        return v.tanh() / 2.0

    def f(self, u: Tensor) -> Tensor:
        return (u - 1.0).abs() / 2.0

    def best(self, u: Tensor) -> Tensor:
        return 30.0 * torch.sign(u - 1.0)  # tanh(30) is 1 in float64
