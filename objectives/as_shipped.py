"""Deviating versions that known repositories ship under a paper's name, to measure what each deviation costs.

Every entry states the game it replaces, its source, its deviation, and the laws it breaks. A version that differs only
in convention breaks none and says so. None of them is recommended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize, relu, softplus

from objectives.base import Critic, Game, Objective
from objectives.classic import Minimax, NonSaturating
from objectives.energy import BEGAN
from objectives.margin import Hinge, LeastSquares
from objectives.penalties import NearData, OneCentred
from objectives.relativistic import RelativisticPairing
from objectives.slicing import Sliced
from objectives.stabilisers import PullingAway
from objectives.wasserstein import Wasserstein


@dataclass(frozen=True)
class Shipped:
    """One version as a repository ships it; calling it builds the game."""

    build: Callable[[], Objective]
    instead_of: str  # the spelling of the game it claims to be
    source: str  # repository and file
    deviation: str  # what it computes instead
    breaks: tuple[str, ...] = ()  # the laws it fails; none for a convention

    def __call__(self) -> Objective:
        return self.build()


@dataclass(frozen=True)
class MimicryMinimax(Minimax):
    """Minimax with the non-saturating generator (mimicry, 2020)."""

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return softplus(-critic(fake)).mean()


@dataclass(frozen=True)
class MimicryNonSaturating(NonSaturating):
    """Non-saturating loss by log(σ + 1e-8) (mimicry, 2020)."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_share, fake_share = critic(real).sigmoid(), critic(fake).sigmoid()
        return -(real_share + 1e-8).log().mean() - (1.0 - fake_share + 1e-8).log().mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -(critic(fake).sigmoid() + 1e-8).log().mean()


@dataclass(frozen=True)
class CompareGANLeastSquares(LeastSquares):
    """LSGAN on sigmoids (compare_gan, 2018)."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return ((critic(real).sigmoid() - 1.0).square().mean() + critic(fake).sigmoid().square().mean()) / 2.0

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return (critic(fake).sigmoid() - 1.0).square().mean() / 2.0


@dataclass(frozen=True)
class CollectionsLeastSquares(LeastSquares):
    """LSGAN whose critic is clipped like WGAN's (tensorflow-generative-model-collections, 2018)."""

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        return critic_parameters.clamp(-0.01, 0.01)


@dataclass(frozen=True)
class TFGANMinimax(Minimax):
    """Minimax with smoothed real labels by default (tensorflow/gan, 2019)."""

    smoothing: float = 0.125  # label_smoothing 0.25 between 1 and ½: the real target is 0.875


@dataclass(frozen=True)
class PyTorchGANRelativistic(RelativisticPairing):
    """RSGAN whose generator is overwritten by the plain loss (PyTorch-GAN, 2019)."""

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return softplus(-critic(fake)).mean()


@dataclass(frozen=True)
class SwappedSlices(Sliced):
    """SAN whose two losses each train the other's part (sony/san, April to June 2024)."""

    def scores(self, features: Tensor, head: Tensor) -> tuple[Tensor, Tensor]:
        trains_features, trains_direction = super().scores(features, head)
        return trains_direction, trains_features


@dataclass(frozen=True)
class OldHinge(Hinge):
    """Hinge with a hinged generator (LynnHo's hinge_v1, 2019)."""

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return relu(1.0 - critic(fake)).mean()


@dataclass(frozen=True)
class FreeWasserstein(Wasserstein):
    """WGAN with an unconstrained critic (torchgan, 2018)."""

    traits = replace(Wasserstein.traits, unbounded="")  # as its name claims


@dataclass(frozen=True)
class HalvedWasserstein(Wasserstein):
    """Half the Wasserstein loss (vegans, 2021)."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return super().critic_loss(critic, real, fake, game) / 2.0


@dataclass(frozen=True)
class PenaltyAlone(NonSaturating):
    """A critic whose adversarial loss is never back-propagated (PyTorch-GAN, 2019)."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return 0.0 * critic(real).mean()


@dataclass(frozen=True)
class UnclampedBEGAN(BEGAN):
    """BEGAN whose k may leave [0, 1] (compare_gan, 2018)."""

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        return {"k": game.state["k"] + self.rate * (self.gamma * critic(real).mean() - critic(fake).mean())}


def whole_batch_slope(critic: Critic, x: Tensor) -> Tensor:
    """Return one squared norm [1] over the gradients of all samples: for B samples of slope 1 it is B."""
    gradient: Tensor = torch.func.grad(lambda points: critic(points).sum())(x)
    return gradient.square().sum()[None]


def one_axis_slope(critic: Critic, x: Tensor, dim: int) -> Tensor:
    """Return squared norms over one axis of each sample's gradient."""
    gradient: Tensor = torch.func.grad(lambda points: critic(points).sum())(x)
    return gradient.square().sum(dim)


@dataclass(frozen=True)
class WholeBatchOneCentred(OneCentred):
    """WGAN-GP's penalty on the norm of the whole batch's gradient (torchgan, 2018)."""

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        epsilon = game.uniform("line", (1,) * real.dim())  # one for the batch
        return (epsilon * real + (1.0 - epsilon) * fake,)

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        return whole_batch_slope(critic, x)


@dataclass(frozen=True)
class WholeBatchNearData(NearData):
    """DRAGAN's penalty on the norm of the whole batch's gradient (torchgan, 2018)."""

    revision: ClassVar[int] = 0  # it draws its own points

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        noise = self.spread * real.std() * game.uniform("near data", real.shape)
        return (real + game.uniform("near data alpha", real.shape) * noise,)  # an α for each pixel

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        return whole_batch_slope(critic, x)


@dataclass(frozen=True)
class RowOneCentred(OneCentred):
    """WGAN-GP's penalty with norms over image rows alone, and λ = ¼ (tensorflow-generative-model-collections, 2018)."""

    weight: float = 0.25  # λ ≥ 0, this repository's

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        return one_axis_slope(critic, x, dim=2 if x.dim() == 4 else 1)  # its axis 1 of [B, H, W, C] is our axis 2


@dataclass(frozen=True)
class PixelOneCentred(OneCentred):
    """WGAN-GP's penalty with a norm over channels at each pixel (mmgeneration, 2021)."""

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        return one_axis_slope(critic, x, dim=1)


@dataclass(frozen=True)
class ChannelNearData(NearData):
    """DRAGAN's penalty with a norm over channels at each pixel (PyTorch-GAN, 2019)."""

    revision: ClassVar[int] = 0  # it draws its own points

    def points(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, ...]:
        noise = self.spread * real.std() * game.uniform("near data", real.shape)
        alpha = game.uniform("near data alpha", real.shape)
        return (alpha * real + (1.0 - alpha) * (real + noise),)

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        return one_axis_slope(critic, x, dim=1)


@dataclass(frozen=True)
class SigmoidNearData(NearData):
    """DRAGAN's penalty on the slope of σ(D) (compare_gan, 2018)."""

    revision: ClassVar[int] = 0  # its points always had an α for each sample

    def squared_slopes(self, critic: Critic, x: Tensor) -> Tensor:
        gradient: Tensor = torch.func.grad(lambda points: critic(points).sigmoid().sum())(x)
        return gradient.flatten(1).square().sum(1)


@dataclass(frozen=True)
class UnsquaredPullingAway(PullingAway):
    """The pulling-away term without the square (PyTorch-GAN, 2019)."""

    def pull(self, codes: Tensor) -> Tensor:
        directions, count = normalize(codes, dim=1), codes.shape[0]
        return ((directions @ directions.T).sum() - count) / (count * (count - 1))


@dataclass(frozen=True)
class BatchwisePullingAway(PullingAway):
    """The pulling-away term normalised along the batch, diagonal included (torchgan, 2018)."""

    def pull(self, codes: Tensor) -> Tensor:
        directions, count = normalize(codes, dim=0), codes.shape[0]
        return (directions @ directions.T).square().sum() / (count * (count - 1))
