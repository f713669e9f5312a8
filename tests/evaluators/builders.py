"""Builders of samples and truths for the tests of the evaluators."""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators import Modes


def seeded(seed: int = 0) -> torch.Generator:
    """A generator of its own for every draw."""
    return torch.Generator().manual_seed(seed)


def normal(n: int, d: int, seed: int = 0) -> Tensor:
    """Standard normal samples [n, d] in float64."""
    return torch.randn(n, d, generator=seeded(seed), dtype=torch.float64)


def ring(std: float = 0.01, modes: int = 8, d: int = 2) -> Modes:
    """Eight Gaussians on a circle of radius 1, in the first two of d dimensions."""
    angles = torch.arange(modes, dtype=torch.float64) * (2.0 * torch.pi / modes)
    centres = torch.zeros(modes, d, dtype=torch.float64)
    centres[:, 0], centres[:, 1] = angles.cos(), angles.sin()
    return Modes(centres, std, torch.full((modes,), 1.0 / modes, dtype=torch.float64))


def draw(modes: Modes, n: int, seed: int = 0) -> Tensor:
    """Exact samples of a mixture."""
    which = torch.multinomial(modes.weights, n, replacement=True, generator=seeded(seed))
    return modes.centres[which] + modes.std * normal(n, modes.centres.shape[1], seed + 1)
