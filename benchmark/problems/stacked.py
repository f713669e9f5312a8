"""Stacked MNIST: three digits as the three channels of one image, so that 1,000 modes are known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from benchmark.problems.base import SELECTION, Data, fifths
from benchmark.problems.images import Images, Mnist, split
from evaluators.truth import Extractor, Truth

CHANNELS = 3
HELD_OUT = 10_000  # stacks of test digits


def stacks(digits: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Draw stacks [count, 3, H, W] of digits [N, 1, H, W], independent and with repetition."""
    chosen = torch.randint(len(digits), (count * CHANNELS,), generator=generator)
    return digits[chosen].view(count, CHANNELS, *digits.shape[2:])


def stacked(digits: Tensor, held_out: Tensor, extractor: Extractor | None, seed: int) -> Data:
    """Return digits to be stacked when a batch is drawn, and a truth of stacks of other digits."""

    def sampler(count: int, generator: torch.Generator) -> Tensor:
        return stacks(digits, count, generator)

    reference = stacks(held_out, HELD_OUT, torch.Generator().manual_seed(seed))
    return Data(digits, Truth(reference=reference, sampler=sampler, extractor=extractor))


@dataclass(frozen=True)
class StackedMnist(Images):
    """Stacks of three MNIST digits (Metz et al., 2017, arXiv:1611.02163), fresh in every batch from the member's seed.

    Training digits make the stacks that members and the oracle see, test digits those held out; images in [0, 1]. The
    1,000 modes are told by the frozen classifier of single digits, on 26,000 samples (VEEGAN, PacGAN).
    """

    name: ClassVar[str] = "stacked-mnist"
    shape: ClassVar[tuple[int, ...]] = (CHANNELS, 28, 28)
    stack: ClassVar[int] = CHANNELS
    gradient_evaluations: ClassVar[int] = 100_000
    evaluators: ClassVar[Mapping[str, int]] = {"stacked": 26_000}
    headline: ClassVar[tuple[str, ...]] = (
        "stacked_modes-mnist",
        "stacked_modes_quarter-mnist",
        "stacked_reverse_kl-mnist",
    )
    controls: ClassVar[tuple[str, ...]] = ("gmm", "kmeans", "oracle", "untrained")
    scales: ClassVar[Mapping[str, float]] = {"energy": 12.0}

    def load(self, cache: Path) -> Data:
        """Read the digits; a batch is stacked when it is drawn."""
        digits, single = split(Mnist.files, self.data_directory, cache, Mnist.extract)
        return stacked(digits, single.reference, single.extractor, 2017)

    def selection(self, data: Data) -> Data:
        """Stack four fifths of the training digits to train on, the rest to be judged by."""
        training, held_out = fifths(data.training)
        return stacked(training, held_out, data.truth.extractor, SELECTION + 2017)
