"""Gradient penalties: terms of the critic's loss that depend on ‖∇D‖ at chosen points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from objectives.base import Critic, Game
from objectives.compose import Penalty
from objectives.ranges import not_negative, positive
from objectives.search import STUDY_WEIGHT, Searched, weight
from objectives.traits import Added


def squared_slopes(critic: Critic, x: Tensor) -> Tensor:
    """Return ‖∇_x D(x)‖² of each sample [B].

    The gradient of the SUM of the scores contains each sample's own gradient if D scores samples independently.
    Squares are returned because a norm has no second derivative at 0, which unrolling a zero-centred penalty needs.

    Args:
        critic: The critic D.
        x: Points [B, *data].
    """
    gradient: Tensor = torch.func.grad(lambda points: critic(points).sum())(x)
    return gradient.flatten(1).square().sum(1)


def root(squared: Tensor) -> Tensor:
    """Return the slope, given its square, with finite derivatives of any order at 0, where it is 1e-10."""
    return squared.clamp_min(1e-20).sqrt()


def on_line(real: Tensor, fake: Tensor, game: Game, purpose: str) -> Tensor:
    """Draw one point of each line from real to fake, x̂ = ε x + (1 - ε) G(z), one ε ~ U[0, 1) per sample."""
    epsilon = game.uniform(purpose, (real.shape[0],) + (1,) * (real.dim() - 1))
    return epsilon * real + (1.0 - epsilon) * fake


@dataclass(frozen=True)
class GradientPenalty(Penalty):
    """Base class of gradient penalties: E cost(‖∇D‖²), summed over the kinds of points at which it is taken."""

    traits = Added(sample_gradients=True, bounds=True)

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        """Return the points [B, *data] at which the slope is taken, one batch for each expectation."""
        raise NotImplementedError

    def cost(self, squared: Tensor) -> Tensor:
        """Return what a slope costs, given its square, element by element."""
        raise NotImplementedError

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        """Return ‖∇D‖² [B] at every point; a method because known repositories compute something else."""
        return squared_slopes(critic, x)

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        costs = [self.cost(self.squared_slopes(critic, x)).mean() for x in self.points(real, fake, game)]
        return torch.stack(costs).sum()


@dataclass(frozen=True)
class R1(GradientPenalty):
    """Zero-centred penalty on real data (Mescheder et al., 2018, arXiv:1801.04406).

    critic  + γ/2 · E ‖∇D(x)‖²

    The ½ is the paper's; the authors' own code multiplies E ‖∇D‖² by 10 without it.
    """

    searched: ClassVar[Mapping[str, Searched]] = {"gamma": weight(10.0)}

    gamma: float = 10.0  # γ ≥ 0, the paper's

    def __post_init__(self) -> None:
        not_negative(gamma=self.gamma)

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        return (real,)

    def cost(self, squared: Tensor) -> Tensor:
        return self.gamma / 2.0 * squared


@dataclass(frozen=True)
class R2(R1):
    """Zero-centred penalty on fake data (Mescheder et al., 2018, arXiv:1801.04406).

    critic  + γ/2 · E ‖∇D(G(z))‖²
    """

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        return (fake,)


@dataclass(frozen=True)
class LinePenalty(GradientPenalty):
    """Base class of penalties on the lines between real and fake samples, x̂ = ε x + (1 - ε) G(z)."""

    traits = replace(GradientPenalty.traits, pairs=True)
    searched: ClassVar[Mapping[str, Searched]] = {"weight": STUDY_WEIGHT}

    weight: float = 10.0  # λ ≥ 0, the paper's

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        return (on_line(real, fake, game, "line"),)


@dataclass(frozen=True)
class OneCentred(LinePenalty):
    """One-centred penalty on the lines between real and fake (Gulrajani et al., 2017, arXiv:1704.00028).

    critic  + λ E (‖∇D(x̂)‖ - t)²     x̂ = ε x + (1 - ε) G(z),  ε ~ U[0, 1) for each sample
    """

    target: float = 1.0  # t > 0, the slope without a penalty

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(target=self.target)

    def cost(self, squared: Tensor) -> Tensor:
        return self.weight * (root(squared) - self.target).square()


@dataclass(frozen=True)
class ZeroCentred(LinePenalty):
    """Zero-centred penalty on the lines between real and fake (Mescheder et al., 2018, arXiv:1801.04406).

    critic  + λ E ‖∇D(x̂)‖²     x̂ = ε x + (1 - ε) G(z)

    The authors' code calls it wgangp0 and multiplies by 10, without a ½; so do we.
    """

    def cost(self, squared: Tensor) -> Tensor:
        return self.weight * squared


@dataclass(frozen=True)
class OneSided(LinePenalty):
    """One-sided Lipschitz penalty on the lines (Petzka et al., 2018, arXiv:1709.08894).

    critic  + λ E max(0, ‖∇D(x̂)‖ - 1)²     x̂ = ε x + (1 - ε) G(z)

    λ = 10 is WGAN-GP's, kept so that the two differ only in the side; the paper finds this form robust to λ.
    """

    def cost(self, squared: Tensor) -> Tensor:
        return self.weight * torch.relu(root(squared) - 1.0).square()


@dataclass(frozen=True)
class WassersteinDivergence(GradientPenalty):
    """The power penalty of WGAN-div (Wu et al., 2018, arXiv:1712.01026).

    critic  + k/2 · (E ‖∇D(x)‖^p + E ‖∇D(G(z))‖^p)

    The paper leaves open where the norm is taken and writes k E_u ‖∇D(u)‖^p; with u half real, half fake it is this.
    """

    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(2.0)}

    weight: float = 2.0  # k ≥ 0, the paper's
    power: float = 6.0  # p, 2 or in [4, 100], the paper's

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)
        # Between 2 and 4, (‖∇D‖²)^(p/2) has an infinite second derivative at ∇D = 0, and the chain rule gives NaN.
        if not (self.power == 2.0 or 4.0 <= self.power <= 100.0):
            raise ValueError(f"power must be 2 or in [4, 100], got '{self.power}'")

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        return (real, fake)

    def cost(self, squared: Tensor) -> Tensor:
        return self.weight / 2.0 * squared ** (self.power / 2.0)


@dataclass(frozen=True)
class NearData(GradientPenalty):
    """One-centred penalty around the data: DRAGAN's (Kodali et al., 2017, arXiv:1705.07215).

    critic  + λ E (‖∇D(x + α · s · std(x) · u)‖ - k)²

    α ~ U[0, 1) for each sample, u ~ U[0, 1) for each coordinate, std over the whole batch. The points are those of the
    authors' notebook (kodalinaveen3/DRAGAN): s = ½, one-sided, and drawn on the line from x to its noisy copy. Their
    paper writes Gaussian noise. Few repositories agree on the points (`as-shipped/` has some).
    """

    searched: ClassVar[Mapping[str, Searched]] = {"weight": STUDY_WEIGHT}

    revision: ClassVar[int] = 1  # revision 0's points had no α

    weight: float = 10.0  # λ ≥ 0, the paper's
    target: float = 1.0  # k > 0, the paper's
    spread: float = 0.5  # s > 0, from the authors' code, in standard deviations of the batch

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)
        positive(target=self.target, spread=self.spread)

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        alpha = game.uniform("near data alpha", (real.shape[0],) + (1,) * (real.dim() - 1))
        return (real + alpha * self.spread * real.std() * game.uniform("near data", real.shape),)

    def cost(self, squared: Tensor) -> Tensor:
        return self.weight * (root(squared) - self.target).square()
