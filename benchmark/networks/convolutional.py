"""Convolutional architectures for images of any size divisible by four."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, max_pool2d

from benchmark.networks.architecture import CODE, Architecture, Body, Shape, Shaped, judge_with, normal_
from benchmark.networks.base import CriticNetwork, Draw, Noise
from benchmark.networks.layers import BatchNorm, MinibatchDeviation, MinibatchDiscrimination
from objectives.base import CriticKind

BatchLayer = Literal["none", "discrimination", "deviation"]
KERNELS = 50  # of minibatch discrimination


def quarter(shape: Shape) -> tuple[int, int]:
    """Return the height and width of images after two halvings, or say why there is none."""
    if len(shape) != 3 or shape[1] % 4 or shape[2] % 4:
        raise ValueError(f"this network needs images with sides divisible by 4, not samples of shape {shape}")
    return shape[1] // 4, shape[2] // 4


@dataclass(frozen=True)
class Quartering(Architecture):
    """An architecture that halves images twice."""

    def fits(self, shape: Shape) -> bool:
        """Return whether both sides are divisible by 4."""
        return super().fits(shape) and not shape[1] % 4 and not shape[2] % 4


def doubling(fan_in: int, fan_out: int) -> nn.ConvTranspose2d:
    """Build a 4x4 transposed convolution that doubles the side."""
    return nn.ConvTranspose2d(fan_in, fan_out, 4, stride=2, padding=1)


def decoder_of(noise: int, hidden: int, channels: int, shape: Shape) -> nn.Sequential:
    """Build fully connected layers, a reshape and two doublings, without normalisation; values are unbounded."""
    height, width = quarter(shape)
    return nn.Sequential(
        nn.Linear(noise, hidden),
        nn.ReLU(),
        nn.Linear(hidden, 2 * channels * height * width),
        nn.ReLU(),
        Shaped((2 * channels, height, width)),
        doubling(2 * channels, channels),
        nn.ReLU(),
        doubling(channels, shape[0]),
    )


class PoolingBody(Body):
    """Two stages of 5x5 convolution and max-pooling, then a fully connected layer."""

    def __init__(self, shape: Shape, channels: int, features: int) -> None:
        super().__init__()
        height, width = quarter(shape)
        self.first = nn.Conv2d(shape[0], channels, 5, padding=2)
        self.second = nn.Conv2d(channels, 2 * channels, 5, padding=2)
        self.last = nn.Linear(2 * channels * height * width, features)
        self.features = features

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        x = max_pool2d(leaky_relu(self.first(x), 0.2), 2)
        x = max_pool2d(leaky_relu(self.second(x), 0.2), 2)
        return leaky_relu(self.last(x.flatten(1)), 0.2)


@dataclass(frozen=True)
class Convolutional(Quartering):
    """The classic tutorial's pair: FC 1200 and two transposed convolutions against two pooled ones and FC 1024."""

    noise: ClassVar[Noise] = Noise(dimension=64)

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        return nn.Sequential(decoder_of(self.noise.dimension, self.wide(1200), self.wide(32), shape), nn.Sigmoid())

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        channels = self.wide(32)
        decoder = decoder_of(CODE, self.wide(256), channels, shape) if kind == "energy" else None
        return judge_with(kind, PoolingBody(shape, channels, self.wide(1024)), decoder)


class StridedBody(Body):
    """Two strided 4x4 convolutions and a fully connected layer, with batch norm after all but the first or without."""

    def __init__(self, shape: Shape, channels: int, features: int, *, normalise: bool) -> None:
        super().__init__()
        height, width = quarter(shape)
        self.first = nn.Conv2d(shape[0], channels, 4, stride=2, padding=1)
        self.second = nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1)
        self.second_norm = BatchNorm(2 * channels, 1e-3) if normalise else nn.Identity()
        self.last = nn.Linear(2 * channels * height * width, features)
        self.last_norm = BatchNorm(features, 1e-3) if normalise else nn.Identity()
        self.features = features

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        x = leaky_relu(self.first(x), 0.2)
        x = leaky_relu(self.second_norm(self.second(x)), 0.2)
        return leaky_relu(self.last_norm(self.last(x.flatten(1))), 0.2)


@dataclass(frozen=True)
class InfoGAN(Quartering):
    """The pair of Lucic et al. (2018, arXiv:1711.10337), after InfoGAN (Chen et al., 2016, arXiv:1606.03657).

    FC 1024 and FC 128 maps, two transposed convolutions with batch norm, against two convolutions and FC 1024.

    The energy critic is ours. The study's BEGAN has an autoencoder of the same two convolutions and a 64-d code, whose
    decoder mirrors them and ends in a sigmoid, and a mean absolute error. Here FC 1024 precedes the code, the
    decoder has FC 256 and values without bounds, and the energy is ‖Dec(Enc(x)) - x‖₂.
    """

    noise: ClassVar[Noise] = Noise(dimension=64, kind="uniform", bound=1.0)
    normalise: bool = False  # batch norm in the critic too

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        height, width = quarter(shape)
        hidden, channels = self.wide(1024), self.wide(64)
        flat = 2 * channels * height * width
        layers = nn.Sequential(
            *(nn.Linear(self.noise.dimension, hidden), BatchNorm(hidden, 1e-3), nn.LeakyReLU(0.2)),
            *(nn.Linear(hidden, flat), BatchNorm(flat, 1e-3), nn.LeakyReLU(0.2), Shaped((2 * channels, height, width))),
            *(doubling(2 * channels, channels), BatchNorm(channels, 1e-3), nn.LeakyReLU(0.2)),
            *(doubling(channels, shape[0]), nn.Sigmoid()),
        )
        normal_(layers, 0.02)
        return layers

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        channels = self.wide(64)
        body = StridedBody(shape, channels, self.wide(1024), normalise=self.normalise)
        decoder = decoder_of(CODE, self.wide(256), channels, shape) if kind == "energy" else None
        critic = judge_with(kind, body, decoder)
        normal_(critic, 0.02)
        return critic


def halvings(side: int) -> list[int]:
    """List the sides of a square image under repeated halving, rounded up, down to 4 or less."""
    sides = [side]
    while sides[-1] > 4:
        sides.append((sides[-1] + 1) // 2)
    return sides


class DCGANBody(Body):
    """Strided 5x5 convolutions down to 4x4, batch norm after all but the first, and a last layer over the batch."""

    def __init__(self, shape: Shape, channels: int, last: BatchLayer = "none") -> None:
        super().__init__()
        sides = halvings(shape[1])
        widths = [shape[0], *(channels * 2**stage for stage in range(len(sides) - 1))]
        layers: list[nn.Module] = []
        for stage in range(len(sides) - 1):
            layers.append(nn.Conv2d(widths[stage], widths[stage + 1], 5, stride=2, padding=2))
            layers += [BatchNorm(widths[stage + 1])] if stage else []
            layers.append(nn.LeakyReLU(0.2))
        self.layers = nn.Sequential(*layers)
        flat = widths[-1] * sides[-1] ** 2
        added = {"none": 0, "discrimination": KERNELS, "deviation": 1}
        makers: dict[str, Callable[[], nn.Module]] = {
            "none": nn.Identity,
            "discrimination": lambda: MinibatchDiscrimination(flat, KERNELS),
            "deviation": MinibatchDeviation,
        }
        self.last = makers[last]()
        self.features = flat + added[last]

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        maps: Tensor = self.layers(2.0 * x - 1.0)
        features: Tensor = self.last(maps.flatten(1))
        return features


def dcgan_layers(noise: int, channels: int, shape: Shape, *, normalise: bool) -> nn.Sequential:
    """Build a projection to 4x4 maps and 5x5 transposed convolutions up to the image; values are unbounded."""
    sides = halvings(shape[1])[::-1]
    widths = [*(channels * 2**stage for stage in reversed(range(len(sides) - 1))), shape[0]]

    def after(width: int) -> list[nn.Module]:
        return [BatchNorm(width), nn.ReLU()] if normalise else [nn.ReLU()]

    layers: list[nn.Module] = [nn.Linear(noise, widths[0] * sides[0] ** 2), Shaped((widths[0], sides[0], sides[0]))]
    layers += after(widths[0])
    for stage in range(len(sides) - 1):
        extra = sides[stage + 1] - (2 * sides[stage] - 1)
        layers.append(nn.ConvTranspose2d(widths[stage], widths[stage + 1], 5, 2, 2, output_padding=extra))
        layers += after(widths[stage + 1]) if stage + 2 < len(sides) else []
    return nn.Sequential(*layers)


class HalfTanh(nn.Module):
    """Map to (0, 1) by (1 + tanh x)/2: the papers' tanh on images in [-1, 1]."""

    def forward(self, x: Tensor) -> Tensor:
        """Map values of any shape to (0, 1)."""
        return 0.5 + 0.5 * torch.tanh(x)


@dataclass(frozen=True)
class DCGAN(Architecture):
    """The pair of Radford et al. (2016, arXiv:1511.06434), 64 channels next to the image, for square images.

    The critic may end in minibatch discrimination or in the batch's standard deviation.
    """

    noise: ClassVar[Noise] = Noise(dimension=100, kind="uniform", bound=1.0)
    batch_layer: BatchLayer = "none"

    def fits(self, shape: Shape) -> bool:
        """Return whether images are square with sides of at least 8 pixels, so that there is a layer to train."""
        return super().fits(shape) and shape[1] == shape[2] >= 8

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        layers = nn.Sequential(
            dcgan_layers(self.noise.dimension, self.wide(64), square(shape), normalise=True), HalfTanh()
        )
        normal_(layers, 0.02)
        return layers

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        channels = self.wide(64)
        decoder = dcgan_layers(CODE, self.wide(48), shape, normalise=False) if kind == "energy" else None
        critic = judge_with(kind, DCGANBody(square(shape), channels, self.batch_layer), decoder)
        normal_(critic, 0.02)
        return critic


def square(shape: Shape) -> Shape:
    """Return the shape of square images, or say why it is none."""
    if len(shape) != 3 or shape[1] != shape[2]:
        raise ValueError(f"this network needs square images, not samples of shape {shape}")
    return shape
