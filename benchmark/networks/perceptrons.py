"""Fully connected architectures: the problems' own, a plain one for images, and that of the 2014 paper."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from benchmark.networks.architecture import (
    CODE,
    EMBEDDING,
    Architecture,
    Body,
    Shape,
    Shaped,
    judge_with,
    size_of,
    uniform_,
)
from benchmark.networks.base import CriticNetwork, Draw, Noise
from benchmark.networks.layers import Maxout, dropout
from benchmark.networks.mlp import MLPAutoencoder, MLPCritic, MLPEmbedding, MLPGenerator, perceptron
from objectives.base import CriticKind

LARGEST = 16_384  # far beyond any problem's own


class ReluBody(Body):
    """Two ReLU layers on flattened samples."""

    def __init__(self, data: int, width: int) -> None:
        super().__init__()
        self.layers = perceptron([data, width, width])
        self.features = width

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        return torch.relu(self.layers(x.flatten(1)))


@dataclass(frozen=True)
class Perceptron(Architecture):
    """ReLU layers on both sides, for flat samples; the problems of points and digits have one of their own sizes.

    `inputs` is the noise's dimension and `scale` brings the data to unit scale at the critic's input. The energy's
    autoencoder has one hidden layer and a code of `code` numbers, an embedding has `embedding` numbers. With `unit` a
    sigmoid keeps samples in (0, 1).
    """

    samples: ClassVar[Literal["images", "points"]] = "points"

    inputs: int = 2
    units: int = 128
    layers: int = 2
    code: int = CODE
    embedding: int = EMBEDDING
    scale: float = 1.0
    unit: bool = False

    def __post_init__(self) -> None:
        for name in ("inputs", "units", "layers", "code", "embedding"):
            if not 1 <= getattr(self, name) <= LARGEST:
                raise ValueError(f"{name} must be in 1 to {LARGEST}, got {getattr(self, name)}")
        if not 0.0 < self.scale < math.inf:
            raise ValueError(f"scale must be a finite number above 0, got {self.scale}")

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution."""
        return Noise(dimension=self.inputs)

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device; fewer where layers are wide."""
        return {"cpu": 16, "cuda": 64, "mps": 16} if self.units <= 128 else {"cpu": 4, "cuda": 32, "mps": 8}

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        return MLPGenerator(self.inputs, self._hidden(), size_of(shape), unit=self.unit)

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data, hidden = size_of(shape), self._hidden()
        if kind == "energy":
            return MLPAutoencoder(data, hidden[:1], self.code, scale=self.scale)
        if kind == "embedding":
            return MLPEmbedding(data, hidden, self.embedding, scale=self.scale)
        return MLPCritic(data, hidden, scale=self.scale)

    def _hidden(self) -> tuple[int, ...]:
        return (self.wide(self.units),) * self.layers


@dataclass(frozen=True)
class MLP(Architecture):
    """Two ReLU layers of 256 units on both sides."""

    noise: ClassVar[Noise] = Noise(dimension=64)

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        hidden = self.wide(256)
        layers = perceptron([self.noise.dimension, hidden, hidden, size_of(shape)])
        return nn.Sequential(layers, nn.Sigmoid(), Shaped(shape))

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data, hidden = size_of(shape), self.wide(256)
        decoder = perceptron([CODE, hidden, data]) if kind == "energy" else None
        return judge_with(kind, ReluBody(data, hidden), decoder)


class MaxoutBody(Body):
    """Two maxout layers on flattened samples; dropout keeps 0.8 of the input and 0.5 of each hidden layer."""

    draws = True

    def __init__(self, data: int, units: int, pieces: int) -> None:
        super().__init__()
        self.first, self.second = Maxout(data, units, pieces), Maxout(units, units, pieces)
        self.features = units

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        x = self.first(dropout(x.flatten(1), 0.8, draw, "input"))
        x = self.second(dropout(x, 0.5, draw, "first"))
        return dropout(x, 0.5, draw, "second")


@dataclass(frozen=True)
class Goodfellow2014(Architecture):
    """The MNIST architecture of Goodfellow et al. (2014, arXiv:1406.2661), as their `mnist.yaml` has it.

    ReLU 1200-1200 and sigmoid from uniform noise of unit variance, weights within 0.05, output bias the logit of the
    training pixels' means, against maxout 240x5 twice with dropout, weights within 0.005. Dropout is on in the critic
    that the generator sees too. The energy and embedding critics are ours.

    Trained as there: both players at once, SGD of batch 100 at a rate of 0.1 that falls by 1.000004 at each update,
    momentum from 0.5 to 0.7 between the epochs 1 and 250 (of 500 updates; theirs moves once an epoch). Their critic's
    loss has a factor ½, which under SGD is half its rate. On MNIST (NS, one seed, 2,000 centres) the Parzen score stays
    below that of the untrained generator, -59, for 2,000 iterations, is -45 after 3,000 and 16 after 4,000, with all
    digits among the samples; without the ½ it is -46 after 3,000. Adam at 2e-4 gives -55, -41 and -33 after 500, 1,000
    and 1,500 iterations, on two or three digits.

    With `shared_mask` both losses see the generated batch through one dropout mask, as in the authors' graph, where
    both read one pass of the critic; without it each loss draws its own. With `gaussian` the noise is N(0, I), which is
    the default of the authors' `Generator` class and not what `mnist.yaml` asks for.
    """

    training: ClassVar[Mapping[str, Any]] = {
        "optimiser": "sgd",
        "generator_learning_rate": 0.1,
        "critic_learning_rate": 0.05,
        "learning_rate_schedule": "exponential",
        "learning_rate_decay": 1.000004,
        "learning_rate_floor": 1e-6,
        "momentum": 0.5,
        "momentum_schedule": "linear",
        "momentum_final": 0.7,
        "momentum_start": 500,
        "momentum_stop": 125_000,
        "dynamics": "simultaneous",
        "batch": 100,
    }

    shared_mask: bool = False
    gaussian: bool = False

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution."""
        if self.gaussian:
            return Noise(dimension=100)
        return Noise(dimension=100, kind="uniform", bound=math.sqrt(3.0))

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        hidden = self.wide(1200)
        layers = perceptron([self.noise.dimension, hidden, hidden, size_of(shape)])
        uniform_(layers, 0.05)
        if means is not None:
            last = layers[-1]
            assert isinstance(last, nn.Linear)
            with torch.no_grad():
                last.bias.copy_(torch.logit(means.flatten().double(), eps=1e-7))
        return nn.Sequential(layers, nn.Sigmoid(), Shaped(shape))

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        data, units = size_of(shape), self.wide(240)
        decoder = perceptron([CODE, 2 * units, data]) if kind == "energy" else None
        critic = judge_with(kind, MaxoutBody(data, units, 5), decoder)
        critic.shared_mask = self.shared_mask
        if kind == "score":
            uniform_(critic, 0.005)
        return critic
