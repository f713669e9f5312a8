"""The convolutional architecture with max-pooling that the founding text prints as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from benchmark.networks.architecture import CODE, Shape, Shaped, judge_with
from benchmark.networks.base import CriticNetwork, Draw, Noise
from benchmark.networks.convolutional import HalfTanh, PoolingBody, Quartering, decoder_of, quarter
from objectives.base import CriticKind


def doubling5(fan_in: int, fan_out: int) -> nn.ConvTranspose2d:
    """Build a 5x5 transposed convolution that doubles the side."""
    return nn.ConvTranspose2d(fan_in, fan_out, 5, stride=2, padding=2, output_padding=1)


class MaxPoolBody(PoolingBody):
    """The same convolutions with max-pooling alone after each, then a ReLU layer."""

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        x = max_pool2d(self.first(x), 2)
        x = max_pool2d(self.second(x), 2)
        return torch.relu(self.last(x.flatten(1)))


@dataclass(frozen=True)
class MaxPool(Quartering):
    """The founding text's table: uniform noise of 100, FC 1,200, 32 maps, transposed convolutions of 64 and 1 maps.

    The critic has 64 filters, a max pool, 128 filters, a max pool, FC 1,024 with ReLU, and one logit. The table
    reshapes 1,200 numbers to 32 maps of 5x5, which are 800, and two doublings of 5x5 give no 28x28. Here a linear layer
    leads from the 1,200 ReLU units to 32 maps of a quarter of the image's sides, and 5x5 is read as the kernels' size.
    Its tanh is scaled to [0, 1]. Nothing is printed of initial weights, which are torch's; the decoder of the energy
    critic is that of `conv`.
    """

    noise: ClassVar[Noise] = Noise(dimension=100, kind="uniform", bound=1.0)

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        height, width = quarter(shape)
        hidden, maps = self.wide(1200), self.wide(32)
        return nn.Sequential(
            *(nn.Linear(self.noise.dimension, hidden), nn.ReLU()),
            *(nn.Linear(hidden, maps * height * width), Shaped((maps, height, width))),
            *(doubling5(maps, 2 * maps), nn.ReLU(), doubling5(2 * maps, shape[0]), HalfTanh()),
        )

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        decoder = decoder_of(CODE, self.wide(256), self.wide(32), shape) if kind == "energy" else None
        return judge_with(kind, MaxPoolBody(shape, self.wide(64), self.wide(1024)), decoder)
