"""The residual architecture of spectral normalisation's paper, for images of 28x28 or 32x32 and their like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from benchmark.networks.architecture import CODE, EMBEDDING, Body, Embedding, Energy, Scoring, Shape, Shaped
from benchmark.networks.base import CriticNetwork, Draw, Noise
from benchmark.networks.convolutional import HalfTanh, Quartering, decoder_of, quarter
from benchmark.networks.layers import BatchNorm, SpectralConvolution, SpectralLinear
from objectives.base import CriticKind


class Up(nn.Module):
    """Double the side of [B, C, H, W]: BN, ReLU, resize, convolve, BN, ReLU, convolve, with a resized shortcut."""

    def __init__(self, fan_in: int, fan_out: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = BatchNorm(fan_in), BatchNorm(fan_out)
        self.first = nn.Conv2d(fan_in, fan_out, 3, padding=1)
        self.second = nn.Conv2d(fan_out, fan_out, 3, padding=1)
        self.shortcut = nn.Conv2d(fan_in, fan_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in, H, W] to [B, out, 2H, 2W]."""
        inner = self.first(interpolate(torch.relu(self.first_norm(x)), scale_factor=2.0))
        inner = self.second(torch.relu(self.second_norm(inner)))
        whole: Tensor = inner + self.shortcut(interpolate(x, scale_factor=2.0))
        return whole


class Down(nn.Module):
    """Convolve [B, C, H, W] twice under spectral normalisation with a shortcut; `halve` averages 2x2."""

    def __init__(self, fan_in: int, fan_out: int, *, halve: bool, first: bool = False) -> None:
        super().__init__()
        self.halve, self.is_first = halve, first
        self.first = SpectralConvolution(fan_in, fan_out, 3, padding=1)
        self.second = SpectralConvolution(fan_out, fan_out, 3, padding=1)
        self.shortcut = SpectralConvolution(fan_in, fan_out, 1) if halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in, H, W] to [B, out, H, W], or to half of the sides."""
        inner = self.first(x if self.is_first else torch.relu(x))  # pixels are not rectified
        whole: Tensor = self.second(torch.relu(inner)) + self.shortcut(x)
        return avg_pool2d(whole, 2) if self.halve else whole


class ResidualBody(Body):
    """Two halving blocks, two more, ReLU, and the sum over the image."""

    def __init__(self, shape: Shape, channels: int) -> None:
        super().__init__()
        quarter(shape)
        self.blocks = nn.Sequential(
            Down(shape[0], channels, halve=True, first=True),
            Down(channels, channels, halve=True),
            Down(channels, channels, halve=False),
            Down(channels, channels, halve=False),
        )
        self.features = channels

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        maps: Tensor = self.blocks(2.0 * x - 1.0)
        return torch.relu(maps).sum((2, 3))


@dataclass(frozen=True)
class SNGAN(Quartering):
    """The ResNet of SNGAN for CIFAR-10 (Miyato et al., 2018, arXiv:1802.05957): 256 maps against 128 under its norm.

    The generator starts from 4x4 maps and doubles them three times where the side is a multiple of 8, else from a
    quarter of the side and twice. Weights are torch's own initial ones.
    """

    noise: ClassVar[Noise] = Noise(dimension=128)

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        height, width = quarter(shape)
        doublings = 3 if shape[1] % 8 == shape[2] % 8 == 0 else 2
        if doublings == 3:
            height, width = height // 2, width // 2
        maps = self.wide(256)
        return nn.Sequential(
            nn.Linear(self.noise.dimension, maps * height * width),
            Shaped((maps, height, width)),
            *(Up(maps, maps) for _ in range(doublings)),
            *(BatchNorm(maps), nn.ReLU(), nn.Conv2d(maps, shape[0], 3, padding=1), HalfTanh()),
        )

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        body = ResidualBody(shape, self.wide(128))
        if kind == "embedding":
            return Embedding(body, SpectralLinear(body.features, EMBEDDING))
        if kind == "energy":
            decoder = decoder_of(CODE, self.wide(128), self.wide(32), shape)
            return Energy(body, decoder, SpectralLinear(body.features, CODE))
        return Scoring(body, SpectralLinear(body.features, 1))
