"""Gaussian mixtures whose modes, density and sampler are known exactly: what they share, the ring and the grid."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from benchmark.names import resolve
from benchmark.networks import (
    PLANE_NETWORKS,
    CriticNetwork,
    MLPAutoencoder,
    MLPCritic,
    MLPEmbedding,
    MLPGenerator,
    Noise,
    Pair,
)
from benchmark.problems.base import SELECTION, Data, Problem, Training
from evaluators.truth import Modes, Truth
from objectives.base import CriticKind

POINTS = 100_000  # training points, as in PacGAN's code
HELD_OUT = 10_000


def sample_mixture(modes: Modes, count: int, generator: torch.Generator) -> Tensor:
    """Draw exact samples [count, d] of an isotropic Gaussian mixture."""
    which = torch.multinomial(modes.weights.double(), count, replacement=True, generator=generator)
    noise = torch.randn(count, modes.centres.shape[1], generator=generator, dtype=torch.float64)
    return (modes.centres.double()[which] + modes.std * noise).float()


def log_density_mixture(modes: Modes, x: Tensor) -> Tensor:
    """Return log p(x) = log Σ_k w_k N(x; μ_k, σ² I) at points [N, d], in nats."""
    distances = torch.cdist(x.double(), modes.centres.double(), compute_mode="donot_use_mm_for_euclid_dist")
    dimension = modes.centres.shape[1]
    normaliser = dimension * math.log(modes.std * math.sqrt(2.0 * math.pi))
    return torch.logsumexp(modes.weights.double().log() - (distances / modes.std).square() / 2, dim=1) - normaliser


def circle(count: int) -> Tensor:
    """Return points [count, 2] at equal distances on the unit circle."""
    angles = torch.arange(count, dtype=torch.float64) * (2.0 * math.pi / count)
    return torch.stack([angles.cos(), angles.sin()], dim=1)


@dataclass(frozen=True)
class Mixture(Problem):
    """A mixture of Gaussians of one standard deviation, planar if not told otherwise; 10,000 points held out."""

    dimension: ClassVar[int] = 2
    points: ClassVar[int] = POINTS  # to train on
    has_density: ClassVar[bool] = True
    evaluators: ClassVar[Mapping[str, int]] = {"modes": 2_500}
    watched: ClassVar[tuple[str, ...]] = ("modes",)
    headline: ClassVar[tuple[str, ...]] = ("modes_quarter", "hq_3std", "modes", "reverse_kl")
    scale: ClassVar[float] = 1.0  # on the critic's input
    hidden: ClassVar[tuple[int, ...]] = (128, 128)

    network: str = "mlp"

    @property
    def pair(self) -> Pair | None:
        """Return the pair of networks chosen by name; `mlp` is the problem's own."""
        return PLANE_NETWORKS.get(self.network)

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution, which is part of the networks."""
        return self.pair.noise if self.pair else Noise(dimension=2)

    @property
    def networks(self) -> tuple[str, ...]:
        """List the pairs of networks that may be chosen."""
        return ("mlp", *PLANE_NETWORKS)

    def configured(self, network: str | None = None, data_directory: Path | None = None) -> Problem:
        """Return the problem on another pair of networks."""
        chosen = self.network if network is None else resolve(network, self.networks, f"network of {self.name}")
        return dataclasses.replace(self, network=chosen)

    def modes(self) -> Modes:
        """Return the centres, the standard deviation and the weights."""
        raise NotImplementedError

    def load(self, cache: Path) -> Data:
        """Draw the training points and the held-out points, the same for everyone."""
        return self._drawn(2018)

    def selection(self, data: Data) -> Data:
        """Draw as many other points, to train on and held out, for choosing settings."""
        return self._drawn(SELECTION + 2018)

    def _drawn(self, seed: int) -> Data:
        modes = self.modes()
        points = self.sample(self.points + HELD_OUT, torch.Generator().manual_seed(seed))
        truth = Truth(
            reference=points[self.points :],
            training=points[: self.points],
            modes=modes,
            log_density=(lambda x: log_density_mixture(modes, x)) if self.has_density else None,
            sampler=self.sample,
        )
        return Data(points[: self.points], truth)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw exact samples [count, d]."""
        return sample_mixture(self.modes(), count, generator)

    def generator(self) -> nn.Module:
        """Build a ReLU perceptron from noise to points, or the chosen pair's generator."""
        if self.pair:
            return self.pair.generator((self.dimension,), None)
        return MLPGenerator(self.noise.dimension, self.hidden, self.dimension)

    def critic(self, kind: CriticKind, packing: int = 1) -> CriticNetwork:
        """Build a ReLU perceptron of the kind asked for, or the chosen pair's critic."""
        dimension = self.dimension * packing
        if self.pair:
            return self.pair.critic(kind, (dimension,))
        if kind == "energy":
            return MLPAutoencoder(dimension, self.hidden[:1], 64, scale=self.scale)
        if kind == "embedding":
            return MLPEmbedding(dimension, self.hidden, 16, scale=self.scale)
        return MLPCritic(dimension, self.hidden, scale=self.scale)


@dataclass(frozen=True)
class Ring(Mixture):
    """Eight Gaussians on the unit circle, standard deviation 0.01 (as PacGAN's code, arXiv:1712.04086).

    Pilot (NS, 2,000 iterations of batch 128, 4 seeds): with both learning rates at 1e-3 one seed in four found no mode;
    with 2e-4 for the generator and 2e-3 for the critic all seeds found all eight, 28 to 53 % of the samples within 3
    standard deviations. Noise of 16 to 64 dimensions, or data scaled by 4, did worse or varied more (1 to 8 modes). At
    the budget below NS finds all eight with each of 5 seeds. A member costs half as much in a group of 8 as alone, and
    no less in larger ones.
    """

    name: ClassVar[str] = "ring"
    shared: ClassVar[Training] = Training(generator_learning_rate=2e-4, critic_learning_rate=2e-3)
    gradient_evaluations: ClassVar[int] = 5_000

    scales: ClassVar[Mapping[str, float]] = {"energy": 1.0}

    def modes(self) -> Modes:
        """Return the centres, the standard deviation and the weights."""
        return Modes(circle(8), 0.01, torch.full((8,), 1 / 8, dtype=torch.float64))


@dataclass(frozen=True)
class Grid(Mixture):
    """Twenty-five Gaussians on {-4, -2, 0, 2, 4}², standard deviation 0.05 (as PacGAN's code, arXiv:1712.04086).

    Pilot (NS, 3,000 iterations of batch 128, 4 seeds): with the ring's learning rates 20 to 24 modes in every seed;
    with both at 1e-3 15 to 24. At the budget below NS finds 21 to 23, four of them with a quarter of their mass.
    """

    name: ClassVar[str] = "grid"
    shared: ClassVar[Training] = Training(generator_learning_rate=2e-4, critic_learning_rate=2e-3)
    gradient_evaluations: ClassVar[int] = 5_000
    scale: ClassVar[float] = 0.25
    scales: ClassVar[Mapping[str, float]] = {"energy": 0.2}

    def modes(self) -> Modes:
        """Return the centres, the standard deviation and the weights."""
        ticks = torch.arange(-4, 5, 2, dtype=torch.float64)
        return Modes(torch.cartesian_prod(ticks, ticks), 0.05, torch.full((25,), 1 / 25, dtype=torch.float64))
