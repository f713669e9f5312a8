"""Data drawn from a known distribution: a sampler, perhaps modes and a density; Gaussian mixtures among them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from benchmark.networks import Shape
from benchmark.problems.data import SELECTION, Data, Labelled, Labels, Source
from evaluators.truth import Modes, Truth

LogDensity = Callable[[Tensor], Tensor]  # [N, *data] -> [N], in nats
Sampler = Callable[[int, torch.Generator], Tensor]  # count, generator -> [count, *data]
LabelledSampler = Callable[[int, torch.Generator], Labelled]

POINTS = 100_000  # training points, as in PacGAN's code
HELD_OUT = 10_000


def sample_mixture(modes: Modes, count: int, generator: torch.Generator) -> Tensor:
    """Draw exact samples [count, d] of an isotropic Gaussian mixture."""
    return label_mixture(modes, count, generator).samples


def label_mixture(modes: Modes, count: int, generator: torch.Generator) -> Labelled:
    """Draw what `sample_mixture` draws, with the index of each sample's mode."""
    which = torch.multinomial(modes.weights.double(), count, replacement=True, generator=generator)
    noise = torch.randn(count, modes.centres.shape[1], generator=generator, dtype=torch.float64)
    return Labelled((modes.centres.double()[which] + modes.std * noise).float(), which)


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
class Generated(Source):
    """Points of an exact sampler: so many to train on, and 10,000 held out, the same for everyone."""

    sample: Sampler
    dimension: int = 2
    log_density: LogDensity | None = None
    known: Modes | None = field(default=None, compare=False)
    points: int = POINTS  # to train on
    labelled: LabelledSampler | None = None  # draws the same samples, with the index of each one's mode

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (self.dimension,)

    @property
    def modes(self) -> Modes | None:
        """Return the modes, where they are known."""
        return self.known

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Draw the training points and the held-out points."""
        return self._draw(2018)

    def selection(self, data: Data) -> Data:
        """Draw as many other points, to train on and held out, for choosing settings."""
        return self._draw(SELECTION + 2018)

    def _draw(self, seed: int) -> Data:
        count, generator = self.points + HELD_OUT, torch.Generator().manual_seed(seed)
        labels = None
        if self.labelled is None:
            points = self.sample(count, generator)
        else:
            points, which = self.labelled(count, generator)
            known = int(which.max()) + 1 if self.known is None else len(self.known.weights)
            labels = Labels(which[: self.points], which[self.points :], known)
        truth = Truth(
            reference=points[self.points :],
            training=points[: self.points],
            modes=self.known,
            log_density=self.log_density,
            sampler=self.sample,
        )
        return Data(points[: self.points], truth, labels=labels)


def mixture(modes: Modes, points: int = POINTS) -> Generated:
    """Return the data of an isotropic Gaussian mixture."""
    return Generated(
        partial(sample_mixture, modes),
        modes.centres.shape[1],
        partial(log_density_mixture, modes),
        known=modes,
        points=points,
        labelled=partial(label_mixture, modes),
    )
