"""What evaluators are tested on: two small truths with complete knowledge, and samples of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import UNIT
from evaluators.truth import Evaluation, Evaluator, Extractor, Modes, Support, Truth

N = 520  # samples; the exact transport distance asks for 500
SIDE, CLASSES = 6, 4


@dataclass(frozen=True)
class Stage:
    """One truth, and samples to score against it."""

    name: str
    truth: Truth
    exact: Tensor  # fresh ones of the truth itself
    disjoint: Tensor  # as many of another law, far from the truth and narrow

    def run(self, evaluator: Evaluator, samples: object, seed: int = 0, truth: Truth | None = None) -> Evaluation:
        """Return an evaluator's result for samples."""
        generator = torch.Generator().manual_seed(seed)
        return evaluator.run(samples, truth or self.truth, generator)  # type: ignore[arg-type]

    def serves(self, evaluator: Evaluator) -> bool:
        """Return whether the truth provides what the evaluator needs."""
        return all(getattr(self.truth, need) is not None for need in evaluator.needs)


def seeded(seed: int) -> torch.Generator:
    """Return a new generator with a seed."""
    return torch.Generator().manual_seed(seed)


def ring() -> Modes:
    """Return eight narrow Gaussians on a circle inside the unit square."""
    angles = torch.arange(8, dtype=torch.float64) * (math.pi / 4.0)
    return Modes(0.5 + 0.3 * torch.stack([angles.cos(), angles.sin()], 1), 0.01, torch.full((8,), 0.125).double())


def exact_points(count: int, generator: torch.Generator) -> Tensor:
    """Draw from the ring."""
    modes = ring()
    chosen = torch.multinomial(modes.weights, count, replacement=True, generator=generator)
    return modes.centres[chosen] + modes.std * torch.randn(count, 2, generator=generator, dtype=torch.float64)


def log_density(x: Tensor) -> Tensor:
    """Return the ring's own."""
    modes = ring()
    squares = torch.cdist(x.double(), modes.centres.to(x.device)).square() / (2.0 * modes.std**2)
    return torch.logsumexp(-squares, 1) - math.log(8.0 * 2.0 * math.pi * modes.std**2)


def nearest_mode(x: Tensor) -> Tensor:
    """Return class probabilities [N, 8]: 0.999 of the nearest mode."""
    found = torch.cdist(x.double(), ring().centres.to(x.device)).argmin(1)
    return torch.eye(8, dtype=torch.float64, device=x.device)[found] * (0.999 - 0.001 / 7) + 0.001 / 7


def outside_modes(x: Tensor) -> Tensor:
    """Return the squared distance [N] of points to discs of six standard deviations around the modes."""
    modes = ring()
    away = torch.cdist(x.double(), modes.centres.to(x.device)).amin(1)
    return (away - 6.0 * modes.std).clamp(min=0.0).square()


def doubles(x: Tensor) -> Tensor:
    """Return samples [N, *data] as features [N, d]."""
    return x.flatten(1).double()


def brightest_quarter(x: Tensor) -> Tensor:
    """Return class probabilities [N, 4] of images by the brightness of four equal parts of their values."""
    parts = torch.stack([part.mean(1) for part in doubles(x).chunk(CLASSES, 1)], 1)
    return (40.0 * parts).softmax(1)


def exact_images(count: int, generator: torch.Generator) -> Tensor:
    """Draw images [N, 3, 6, 6]: in each channel one of four parts is bright, and all is noisy; values k/255."""
    chosen = torch.randint(CLASSES, (count, 3, 1), generator=generator)
    place = torch.arange(SIDE * SIDE) // (SIDE * SIDE // CLASSES)
    bright = 0.2 + 0.5 * (place == chosen) + 0.06 * torch.randn(count, 3, SIDE * SIDE, generator=generator)
    return (255.0 * bright.clamp(0.0, 1.0)).round().div(255.0).view(count, 3, SIDE, SIDE)


def stages() -> tuple[Stage, ...]:
    """Return the stages: points in the plane, and images in [0, 1]; fresh ones, for an evaluator may change them."""
    corner = (0.97 + 0.001 * torch.randn(N, 2, generator=seeded(1), dtype=torch.float64)).clamp(max=1.0)
    points = Truth(
        reference=exact_points(N, seeded(2)),
        validation=exact_points(100, seeded(3)),
        training=exact_points(N, seeded(4)),
        modes=ring(),
        log_density=log_density,
        sampler=exact_points,
        extractor=Extractor("points", "0", doubles, nearest_mode),
        support=Support(outside_modes, near=0.03**2),
    )
    pale = (0.9 + 0.01 * torch.randn(N, 3, SIDE, SIDE, generator=seeded(5))).clamp(0.0, 1.0)
    pale[:, :, 0] = 1.0
    images = Truth(
        reference=exact_images(N, seeded(6)),
        validation=exact_images(100, seeded(7)),
        training=exact_images(N, seeded(8)),
        extractor=Extractor("parts", "0", doubles, brightest_quarter, limits=UNIT),
        limits=UNIT,
    )
    return (
        Stage("points", points, exact_points(N, seeded(9)), corner),
        Stage("images", images, exact_images(N, seeded(10)), pale),
    )
