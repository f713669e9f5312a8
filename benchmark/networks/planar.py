"""Architectures for points: PacGAN's, the unrolled GAN's two, and that of the (α_D, α_G)-GAN."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from benchmark.networks.architecture import (
    CODE,
    Architecture,
    Body,
    Embedding,
    Energy,
    Scoring,
    Shape,
    judge_with,
    normal_,
    size_of,
)
from benchmark.networks.base import CriticNetwork, CriticOutput, Draw, Noise
from benchmark.networks.layers import BatchNorm, Maxout
from benchmark.networks.mlp import perceptron
from objectives.base import CriticKind

CLAMP = math.log(1e7 - 1.0)  # the logit of 1 - 10⁻⁷


class MaxoutLayers(Body):
    """Maxout layers without dropout."""

    def __init__(self, data: int, units: int, pieces: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Maxout(units if layer else data, units, pieces) for layer in range(depth)))
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        features: Tensor = self.layers(x)
        return features


@dataclass(frozen=True)
class Planar(Architecture):
    """An architecture for points, small enough for many members to train as one program."""

    samples: ClassVar[Literal["images", "points"]] = "points"

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device."""
        return {"cpu": 16, "cuda": 64, "mps": 16}


@dataclass(frozen=True)
class PacGAN(Planar):
    """The 2-D pair of PacGAN's code (Lin et al., 2018, arXiv:1712.04086), weights from N(0, 0.02²).

    Four layers of 400 with batch norm and ReLU, without biases, against three maxout layers of 200 units and 5 pieces.
    Trained as there: Adam at 1e-4 with β1 0.8, batch 100.
    """

    noise: ClassVar[Noise] = Noise(dimension=2)
    training: ClassVar[Mapping[str, Any]] = {
        "generator_learning_rate": 1e-4,
        "critic_learning_rate": 1e-4,
        "beta1": 0.8,
        "batch": 100,
    }

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        hidden = self.wide(400)
        layers: list[nn.Module] = []
        for layer in range(4):
            fan_in = hidden if layer else self.noise.dimension
            layers += [nn.Linear(fan_in, hidden, bias=False), BatchNorm(hidden), nn.ReLU()]
        whole = nn.Sequential(*layers, nn.Linear(hidden, size_of(shape)))
        normal_(whole, 0.02)
        return whole

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data, units = size_of(shape), self.wide(200)
        decoder = perceptron([CODE, units, data]) if kind == "energy" else None
        critic = judge_with(kind, MaxoutLayers(data, units, 5, 3), decoder)
        normal_(critic, 0.02)
        return critic


class LeakyBody(Body):
    """Layers with leaky ReLU of slope 0.2."""

    def __init__(self, data: int, units: int, depth: int) -> None:
        super().__init__()
        layers = ((nn.Linear(units if layer else data, units), nn.LeakyReLU(0.2)) for layer in range(depth))
        self.layers = nn.Sequential(*(part for layer in layers for part in layer))
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        features: Tensor = self.layers(x)
        return features


class Clamped(Scoring):
    """Scores whose sigmoid stays within [10⁻⁷, 1 - 10⁻⁷], with no gradient beyond."""

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        """Return the clamped scores [B] and the features [B, F] of samples [B, *data]."""
        output = super().forward(x, draw)
        assert output.scores is not None
        return output._replace(scores=output.scores.clamp(-CLAMP, CLAMP))


@dataclass(frozen=True)
class Welfert2023(Planar):
    """The 2-D pair of the (α_D, α_G)-GAN (Welfert et al., 2023, arXiv:2302.14320).

    Four layers of 400 with ReLU against four of 200 with leaky ReLU of slope 0.2, torch's initial weights. The critic's
    probabilities are clamped to [10⁻⁷, 1 - 10⁻⁷], as the α-loss of the authors' script has them. Trained as there: Adam
    at 1e-4 with its default β, batch 128, the critic first and then the generator on the same noise, which comes from
    50,000 fixed vectors. An earlier script of the authors has two layers; four are the paper's.
    """

    noise: ClassVar[Noise] = Noise(dimension=2, pool=50_000)
    training: ClassVar[Mapping[str, Any]] = {
        "generator_learning_rate": 1e-4,
        "critic_learning_rate": 1e-4,
        "beta1": 0.9,
        "dynamics": "sequential",
        "batch": 128,
    }

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        return perceptron([self.noise.dimension, *([self.wide(400)] * 4), size_of(shape)])

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data, units = size_of(shape), self.wide(200)
        body = LeakyBody(data, units, 4)
        if kind == "score":
            return Clamped(body)
        return judge_with(kind, body, perceptron([CODE, units, data]) if kind == "energy" else None)


class TanhBody(Body):
    """Two tanh layers."""

    def __init__(self, data: int, units: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(data, units), nn.Tanh(), nn.Linear(units, units), nn.Tanh())
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        features: Tensor = self.layers(x)
        return features


@dataclass(frozen=True)
class Unrolled(Planar):
    """The pair of the unrolled GAN's notebook (Metz et al., 2017, arXiv:1611.02163): tanh 128-128, noise of 256.

    Weights are orthogonal with gain 1.4. The notebook says itself that it differs from the paper. Trained as there:
    Adam with β1 0.5 at 1e-3 for the generator and 1e-4 for the critic, batch 512. Unrolling is the user's to ask for.
    """

    noise: ClassVar[Noise] = Noise(dimension=256)
    training: ClassVar[Mapping[str, Any]] = {
        "generator_learning_rate": 1e-3,
        "critic_learning_rate": 1e-4,
        "beta1": 0.5,
        "batch": 512,
    }

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        body = TanhBody(self.noise.dimension, self.wide(128))
        return orthogonal(nn.Sequential(body, nn.Linear(body.features, size_of(shape))), 1.4)

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data = size_of(shape)
        decoder = perceptron([CODE, self.wide(64), data]) if kind == "energy" else None
        critic = judge_with(kind, TanhBody(data, self.wide(128)), decoder)
        orthogonal(critic, 1.4)
        return critic


class QuarterBody(Body):
    """One ReLU layer on points divided by four."""

    def __init__(self, data: int, units: int) -> None:
        super().__init__()
        self.layer = nn.Linear(data, units)
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        return torch.relu(self.layer(x / 4.0))


@dataclass(frozen=True)
class UnrolledPaper(Planar):
    """The pair of the unrolled GAN's paper, from memory: ReLU 128-128 against one layer of 128 on points over 4.

    Metz et al. (2017, arXiv:1611.02163). No source of these widths, of the orthogonal weights with gain 0.8 or of Adam
    at 1e-4 with β1 0.5 was at hand when this was written; noise of 256 and batch 512 are the notebook's. Codes and
    embeddings have 4 numbers, for the critic that scores has only 513 parameters.
    """

    noise: ClassVar[Noise] = Noise(dimension=256)
    training: ClassVar[Mapping[str, Any]] = {
        "generator_learning_rate": 1e-4,
        "critic_learning_rate": 1e-4,
        "beta1": 0.5,
        "batch": 512,
    }

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        hidden = self.wide(128)
        return orthogonal(perceptron([self.noise.dimension, hidden, hidden, size_of(shape)]), 0.8)

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data, small = size_of(shape), 4
        body = QuarterBody(data, self.wide(128))
        critic: CriticNetwork = Scoring(body)
        if kind == "embedding":
            critic = Embedding(body, nn.Linear(body.features, small))
        if kind == "energy":
            critic = Energy(body, perceptron([small, self.wide(64), data]), nn.Linear(body.features, small))
        orthogonal(critic, 0.8)
        return critic


def orthogonal(module: nn.Module, gain: float) -> nn.Module:
    """Draw orthogonal weights of a gain, and set biases to zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight, gain)
            nn.init.zeros_(layer.bias)
    return module
