"""Multi-layer perceptrons: a generator, and one critic of each kind at comparable capacity."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from benchmark.networks.base import CriticNetwork, CriticOutput


def perceptron(widths: Sequence[int]) -> nn.Sequential:
    """Chain linear layers of the given widths with a ReLU between each two; torch's default initialisation."""
    layers: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(widths):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class MLPGenerator(nn.Module):
    """Map noise [B, Z] to samples [B, d]; with `unit` a sigmoid keeps them in (0, 1)."""

    def __init__(self, noise: int, hidden: Sequence[int], out: int, *, unit: bool = False) -> None:
        super().__init__()
        self.body = perceptron([noise, *hidden, out])
        self.unit = unit

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise [B, Z] to samples [B, d]."""
        out: Tensor = self.body(noise)
        return torch.sigmoid(out) if self.unit else out


class MLPCritic(CriticNetwork):
    """Score samples [B, d]; the last hidden layer is the embedding."""

    def __init__(self, data: int, hidden: Sequence[int], *, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale  # brings the data to unit scale
        self.body = perceptron([data, *hidden])
        self.score = nn.Linear(hidden[-1], 1)

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the layer of the scores."""
        return (self.score,)

    def forward(self, x: Tensor) -> CriticOutput:
        """Return the scores [B] and the features [B, F] of samples [B, d]."""
        features = torch.relu(self.body(x * self.scale))
        return CriticOutput(self.score(features).squeeze(-1), features)


class MLPEmbedding(CriticNetwork):
    """Embed samples [B, d] as [B, F]."""

    def __init__(self, data: int, hidden: Sequence[int], features: int, *, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale
        self.body = perceptron([data, *hidden, features])

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the last layer."""
        return (self.body[-1],)

    def forward(self, x: Tensor) -> CriticOutput:
        """Return the embedding [B, F] of samples [B, d]."""
        return CriticOutput(None, self.body(x * self.scale))


class MLPAutoencoder(CriticNetwork):
    """Return the energy D(x) = ‖Dec(Enc(x)) - x‖₂ of samples [B, d]; the code is the embedding.

    The Euclidean norm is the EBGAN paper's (Zhao et al., 2017, arXiv:1609.03126); many ports use a mean square.
    """

    def __init__(self, data: int, hidden: Sequence[int], code: int, *, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale
        self.encoder = perceptron([data, *hidden, code])
        self.decoder = perceptron([code, *reversed(hidden), data])

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the layers of the code and of the reconstruction."""
        return (self.encoder[-1], self.decoder)

    def forward(self, x: Tensor) -> CriticOutput:
        """Return the energies [B] and the codes [B, F] of samples [B, d]."""
        scaled = x * self.scale
        code = self.encoder(scaled)
        return CriticOutput(torch.linalg.vector_norm(self.decoder(code) - scaled, dim=-1), code)
