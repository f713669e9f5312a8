"""An architecture: a generator and its critics; and the three kinds of critic that any body of layers can serve."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from benchmark.networks.base import CriticNetwork, CriticOutput, Draw, Noise
from benchmark.networks.layers import couples
from objectives.base import CriticKind

Shape = tuple[int, ...]  # of one sample
EMBEDDING = 16
CODE = 64


@dataclass(frozen=True)
class Architecture:
    """A generator and its critics; subclasses state their source.

    An architecture from one experiment has the settings it was trained with, which replace the problem's.
    """

    training: ClassVar[Mapping[str, Any]] = {}  # settings by name; the rest are the problem's
    samples: ClassVar[Literal["images", "points"]] = "images"  # what it makes: [C, H, W] in [0, 1], or [d] of any size

    width: float = 1.0  # times every hidden width; below 1 in tests only
    vbn: bool = field(default=False, kw_only=True)  # virtual batch norm instead of the generator's batch norm

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution."""
        raise NotImplementedError

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device."""
        return {"cpu": 1, "cuda": 16, "mps": 4}

    def fits(self, shape: Shape) -> bool:
        """Return whether it can generate samples of a shape."""
        return len(shape) == (3 if self.samples == "images" else 1)

    def has(self, kind: CriticKind) -> bool:
        """Return whether it has critics of a kind."""
        return True

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build a generator of samples of a shape, images in [0, 1]; `means` are the training data's, if known."""
        raise NotImplementedError

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build a critic of samples of a shape; with packing, the shape is that of a pack."""
        raise NotImplementedError

    def wide(self, units: int) -> int:
        """Return a hidden width under the architecture's factor."""
        return max(2, round(self.width * units))


class Body(nn.Module):
    """The part of a critic that all kinds share: samples [B, *data] to features [B, `features`]."""

    features: int
    draws: bool = False


class Scoring(CriticNetwork):
    """Score samples by a linear map of a body's features."""

    def __init__(self, body: Body, last: nn.Module | None = None) -> None:
        super().__init__()
        self.body = body
        self.score = last if last is not None else nn.Linear(body.features, 1)
        self.draws, self.couples_batch = body.draws, couples(body)

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the layer that maps features to scores."""
        return (self.score,)

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        """Return the scores [B] and the features [B, F] of samples [B, *data]."""
        features = self.body(x, draw)
        return CriticOutput(self.score(features).squeeze(-1), features)


class NoCritic(CriticNetwork):
    """Stands in the critic's place for an objective that never calls one: every score is one number."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        return CriticOutput(self.score.expand(len(x)), x.flatten(1))


class Embedding(CriticNetwork):
    """Embed samples by a linear map of a body's features."""

    def __init__(self, body: Body, last: nn.Module | None = None) -> None:
        super().__init__()
        self.body = body
        self.last = last if last is not None else nn.Linear(body.features, EMBEDDING)
        self.draws, self.couples_batch = body.draws, couples(body)

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the layer that maps features to the embedding."""
        return (self.last,)

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        """Return the embedding [B, F] of samples [B, *data]."""
        return CriticOutput(None, self.last(self.body(x, draw)))


class Energy(CriticNetwork):
    """Return the energy ‖Dec(Enc(x)) - x‖₂ of samples [B, *data] (Zhao et al., 2017, arXiv:1609.03126)."""

    def __init__(self, body: Body, decoder: nn.Module, last: nn.Module | None = None, scale: float = 1.0) -> None:
        super().__init__()
        self.body, self.decoder, self.scale = body, decoder, scale
        self.code = last if last is not None else nn.Linear(body.features, CODE)
        self.draws, self.couples_batch = body.draws, couples(body) or couples(decoder)

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the code layer and the decoder."""
        return (self.code, self.decoder)

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        """Return the energies [B] and the codes [B, F] of samples [B, *data]."""
        code = self.code(self.body(x, draw))
        error = (self.decoder(code).flatten(1) - x.flatten(1)) * self.scale
        return CriticOutput(torch.linalg.vector_norm(error, dim=-1), code)


def judge_with(kind: CriticKind, body: Body, decoder: nn.Module | None) -> CriticNetwork:
    """Build a body's critic of a kind; only an energy needs the decoder."""
    if kind == "energy":
        assert decoder is not None
        return Energy(body, decoder)
    return Embedding(body) if kind == "embedding" else Scoring(body)


class Shaped(nn.Module):
    """Return values [B, n] as [B, *shape]."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Reshape [B, n] to [B, *shape]."""
        shaped: Tensor = x.unflatten(-1, self.shape)
        return shaped


def size_of(shape: Shape) -> int:
    """Return the number of values in a sample."""
    return math.prod(shape)


def uniform_(module: nn.Module, bound: float) -> None:
    """Draw a module's weights from U(-bound, bound), pylearn2's `irange`, and set its biases to zero."""
    for name, parameter in module.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        else:
            nn.init.uniform_(parameter, -bound, bound)


def normal_(module: nn.Module, deviation: float) -> None:
    """Draw the weights of linear and convolutional layers from N(0, deviation²), and set their biases to zero."""
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0.0, deviation)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
