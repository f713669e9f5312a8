"""Pairs for points in the plane: PacGAN's and unrolled GAN's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from benchmark.networks.base import CriticNetwork, Draw, Noise
from benchmark.networks.layers import BatchNorm, Maxout
from benchmark.networks.mlp import perceptron
from benchmark.networks.pair import CODE, Body, Pair, Shape, judge_with, normal_, size_of
from objectives.base import CriticKind


class MaxoutLayers(Body):
    """Maxout layers without dropout."""

    def __init__(self, data: int, units: int, pieces: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Maxout(units if layer else data, units, pieces) for layer in range(depth)))
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        features: Tensor = self.layers(x)
        return features


@dataclass(frozen=True)
class PacGAN(Pair):
    """The 2-D pair of PacGAN's code (Lin et al., 2018, arXiv:1712.04086), weights from N(0, 0.02²).

    Four layers of 400 with batch norm and ReLU, without biases, against three maxout layers of 200 units and 5 pieces.
    """

    noise: ClassVar[Noise] = Noise(dimension=2)
    group_size: ClassVar[Mapping[str, int]] = {"cpu": 16, "cuda": 64, "mps": 16}

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        hidden = self.wide(400)
        layers: list[nn.Module] = []
        for layer in range(4):
            fan_in = hidden if layer else self.noise.dimension
            layers += [nn.Linear(fan_in, hidden, bias=False), BatchNorm(hidden), nn.ReLU()]
        whole = nn.Sequential(*layers, nn.Linear(hidden, size_of(shape)))
        normal_(whole, 0.02)
        return whole

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        data, units = size_of(shape), self.wide(200)
        decoder = perceptron([CODE, units, data]) if kind == "energy" else None
        critic = judge_with(kind, MaxoutLayers(data, units, 5, 3), decoder)
        normal_(critic, 0.02)
        return critic


class TanhBody(Body):
    """Two tanh layers."""

    def __init__(self, data: int, units: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(data, units), nn.Tanh(), nn.Linear(units, units), nn.Tanh())
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        features: Tensor = self.layers(x)
        return features


@dataclass(frozen=True)
class Unrolled(Pair):
    """The pair of the unrolled GAN's notebook (Metz et al., 2017, arXiv:1611.02163): tanh 128-128, noise of 256.

    Weights are orthogonal with gain 1.4. The notebook says itself that it differs from the paper.
    """

    noise: ClassVar[Noise] = Noise(dimension=256)
    group_size: ClassVar[Mapping[str, int]] = {"cpu": 16, "cuda": 64, "mps": 16}

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        body = TanhBody(self.noise.dimension, self.wide(128))
        return orthogonal(nn.Sequential(body, nn.Linear(body.features, size_of(shape))))

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        data = size_of(shape)
        decoder = perceptron([CODE, self.wide(64), data]) if kind == "energy" else None
        critic = judge_with(kind, TanhBody(data, self.wide(128)), decoder)
        orthogonal(critic)
        return critic


def orthogonal(module: nn.Module) -> nn.Module:
    """Draw orthogonal weights of gain 1.4, and set biases to zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight, 1.4)
            torch.nn.init.zeros_(layer.bias)
    return module
