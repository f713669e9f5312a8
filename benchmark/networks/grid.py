"""The fully connected pairs of the EBGAN paper's grid search, whose depth and width are settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from benchmark.networks.architecture import (
    Architecture,
    Body,
    Embedding,
    Energy,
    Scoring,
    Shape,
    Shaped,
    normal_,
    size_of,
)
from benchmark.networks.base import CriticNetwork, Draw, Noise
from benchmark.networks.layers import BatchNorm, dropout
from objectives.base import CriticKind

DEEPEST, WIDEST = 16, 16_384  # far beyond the paper's 5 and 3,200
KEPT = 0.5  # by the critic's dropout


class GridBody(Body):
    """ReLU layers with batch norm, the first without, and dropout after each where it is asked for."""

    def __init__(self, data: int, units: int, depth: int, drops: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(units if layer else data, units) for layer in range(depth))
        self.norms = nn.ModuleList(BatchNorm(units) for _ in range(depth - 1))
        self.features, self.draws = units, drops

    def forward(self, x: Tensor, draw: Draw | None = None) -> Tensor:
        """Return the features [B, F] of samples [B, *data]."""
        x = x.flatten(1)
        for at, layer in enumerate(self.layers):
            x = layer(x)
            x = (self.norms[at - 1](x) if at else x).relu()
            x = dropout(x, KEPT, draw, f"layer {at}") if self.draws else x
        return x


@dataclass(frozen=True)
class EBGAN2017(Architecture):
    """A pair of the MNIST grid of Zhao et al. (2017, arXiv:1609.03126, table 1).

    `layers_g` layers of `size_g` make images; `layers_d` layers of `size_d` score them, and an energy's decoder is the
    last of those. Batch norm everywhere but at the data, ReLU, weights from N(0, 0.02²) in the generator and
    N(0, 0.002²) in the critic, normal noise of 100: those from memory of the paper. Pixels lie in [0, 1] here, not in
    [-1, 1], so a sigmoid ends the generator.
    """

    noise: ClassVar[Noise] = Noise(dimension=100)

    layers_g: int = 3
    size_g: int = 800
    layers_d: int = 2
    size_d: int = 512
    dropout_d: bool = False

    def __post_init__(self) -> None:
        for name in ("layers_g", "layers_d"):
            if not 2 <= getattr(self, name) <= DEEPEST:
                raise ValueError(f"{name} must be in 2 to {DEEPEST}, got {getattr(self, name)}")
        for name in ("size_g", "size_d"):
            if not 1 <= getattr(self, name) <= WIDEST:
                raise ValueError(f"{name} must be in 1 to {WIDEST}, got {getattr(self, name)}")

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator of samples of a shape."""
        hidden, layers = self.wide(self.size_g), list[nn.Module]()
        for at in range(self.layers_g - 1):
            layers += [nn.Linear(hidden if at else self.noise.dimension, hidden), BatchNorm(hidden), nn.ReLU()]
        whole = nn.Sequential(*layers, nn.Linear(hidden, size_of(shape)), nn.Sigmoid(), Shaped(shape))
        normal_(whole, 0.02)
        return whole

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind for samples of a shape."""
        body = GridBody(size_of(shape), self.wide(self.size_d), self.layers_d - 1, self.dropout_d)
        critic: CriticNetwork
        if kind == "energy":
            critic = Energy(body, nn.Linear(body.features, size_of(shape)), nn.Identity())
        else:
            critic = Embedding(body) if kind == "embedding" else Scoring(body)
        normal_(critic, 0.002)
        return critic
