"""The swiss roll in the plane: a curve with noise, whose density is an integral along the curve."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from benchmark.networks import CriticNetwork, MLPAutoencoder, MLPCritic, MLPEmbedding, MLPGenerator, Noise
from benchmark.problems.base import SELECTION, Data, Problem, Training
from benchmark.problems.synthetic import HELD_OUT, POINTS
from evaluators.truth import Truth
from objectives.base import CriticKind

SHRINK = 7.5
DEVIATION = 0.25 / SHRINK
NODES = 2_000  # of the midpoint rule: at most 0.009 apart, a quarter of the noise's deviation
BLOCK = 4_096


def curve(u: Tensor) -> Tensor:
    """Return the points [N, 2] of the curve t (cos t, sin t)/7.5, t = 3π/2 (1 + 2u), at u in [0, 1]."""
    t = 1.5 * math.pi * (1.0 + 2.0 * u)
    return torch.stack([t * t.cos(), t * t.sin()], dim=1) / SHRINK


def sample_spiral(count: int, generator: torch.Generator) -> Tensor:
    """Draw exact samples [count, 2]: a uniform u, and Gaussian noise around the curve."""
    u = torch.rand(count, generator=generator, dtype=torch.float64)
    noise = torch.randn(count, 2, generator=generator, dtype=torch.float64)
    return (curve(u) + DEVIATION * noise).float()


def log_density_spiral(x: Tensor) -> Tensor:
    """Return log p(x) = log ∫₀¹ N(x; c(u), σ² I) du at points [N, 2], in nats, by the midpoint rule."""
    nodes = curve((torch.arange(NODES, dtype=torch.float64) + 0.5) / NODES).to(x.device)
    blocks = [
        torch.logsumexp(-torch.cdist(part, nodes).square() / (2.0 * DEVIATION**2), dim=1)
        for part in x.double().split(BLOCK)
    ]
    return torch.cat(blocks) - math.log(NODES) - math.log(2.0 * math.pi * DEVIATION**2)


@dataclass(frozen=True)
class Spiral(Problem):
    """The swiss roll of WGAN-GP's toy (Gulrajani et al., 2017, arXiv:1704.00028): noise 0.25, all over 7.5.

    Pilot (NS, 2,500 iterations of batch 128, 4 seeds): a Jensen-Shannon divergence of 0.10 to 0.16 nats with 5e-4 for
    the generator and 2e-3 for the critic, 0.12 to 0.20 with 2e-4 and 2e-3, 0.15 to 0.22 with both at 1e-3, 0.34 to 0.52
    with both at 2e-4; the Wasserstein distances of the first three, 0.11 to 0.22, do not tell them apart.
    """

    name: ClassVar[str] = "spiral"
    noise: ClassVar[Noise] = Noise(dimension=2)
    shared: ClassVar[Training] = Training(generator_learning_rate=5e-4, critic_learning_rate=2e-3)
    gradient_evaluations: ClassVar[int] = 5_000
    evaluators: ClassVar[Mapping[str, int]] = {"transport": 2_500, "density": 1_000}
    headline: ClassVar[tuple[str, ...]] = ("w1_n500", "sliced_w2_256", "jsd_parzen")
    scales: ClassVar[Mapping[str, float]] = {"energy": 1.0}
    hidden: ClassVar[tuple[int, ...]] = (128, 128)

    def load(self, cache: Path) -> Data:
        """Draw the training points and the held-out points, the same for everyone."""
        return self._drawn(2018)

    def selection(self, data: Data) -> Data:
        """Draw as many other points, to train on and held out, for choosing settings."""
        return self._drawn(SELECTION + 2018)

    def _drawn(self, seed: int) -> Data:
        points = sample_spiral(POINTS + HELD_OUT, torch.Generator().manual_seed(seed))
        truth = Truth(
            reference=points[POINTS:],
            training=points[:POINTS],
            log_density=log_density_spiral,
            sampler=sample_spiral,
        )
        return Data(points[:POINTS], truth)

    def generator(self) -> nn.Module:
        """Build a ReLU perceptron from noise to the plane."""
        return MLPGenerator(self.noise.dimension, self.hidden, 2)

    def critic(self, kind: CriticKind, packing: int = 1) -> CriticNetwork:
        """Build a ReLU perceptron of the kind asked for."""
        if kind == "energy":
            return MLPAutoencoder(2 * packing, self.hidden[:1], 64)
        if kind == "embedding":
            return MLPEmbedding(2 * packing, self.hidden, 16)
        return MLPCritic(2 * packing, self.hidden)
