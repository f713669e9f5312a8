"""Stacked MNIST: three digits as the three channels of one image, so that 1,000 modes are known by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from benchmark.networks import Shape
from benchmark.problems.base import Budget, Problem
from benchmark.problems.data import SELECTION, Data, Labels, Source, fifths
from benchmark.problems.files import MNIST, FileSet
from benchmark.problems.images import CLASSES, CONTROLS, USUAL, extract, read_classes
from benchmark.problems.judging import Judging
from evaluators import mnist_extractor
from evaluators.truth import Truth

CHANNELS = 3
HELD_OUT = 10_000  # stacks of test digits


def stacks(digits: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Draw stacks [count, 3, H, W] of digits [N, 1, H, W], independent and with repetition."""
    chosen = torch.randint(len(digits), (count * CHANNELS,), generator=generator)
    return digits[chosen].view(count, CHANNELS, *digits.shape[2:])


def stacked(digits: Tensor, held_out: Tensor, seed: int) -> Data:
    """Return digits to be stacked when a batch is drawn, and a truth of stacks of other digits."""
    reference = stacks(held_out, HELD_OUT, torch.Generator().manual_seed(seed))
    return Data(digits, Truth(reference=reference, sampler=partial(stacks, digits)))


@dataclass(frozen=True)
class StackedDigits(Source):
    """Training digits make the stacks that members and the oracle see, test digits those held out."""

    files: FileSet

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (CHANNELS, 28, 28)

    @property
    def stack(self) -> int:
        """Return the number of digits that make one sample."""
        return CHANNELS

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Read the digits; a batch is stacked when it is drawn."""
        classes = read_classes(self.files, directory, cache)
        digits, held_out = classes
        data = stacked(digits.samples, held_out.samples, 2017)
        return replace(data, classes=classes, labels=self._labels(digits.labels, held_out.labels, 2017))

    def selection(self, data: Data) -> Data:
        """Stack four fifths of the training digits to train on, the rest for the reference."""
        chosen = stacked(*fifths(data.training), SELECTION + 2017)
        labels = None if data.labels is None else self._labels(*fifths(data.labels.training), SELECTION + 2017)
        return replace(chosen, truth=replace(chosen.truth, extractor=data.truth.extractor), labels=labels)

    def _labels(self, training: Tensor, held_out: Tensor, seed: int) -> Labels:
        """Return the labels of single digits, and of held-out stacks the three digits as one number."""
        drawn = torch.randint(len(held_out), (HELD_OUT * CHANNELS,), generator=torch.Generator().manual_seed(seed))
        digits = held_out[drawn].view(HELD_OUT, CHANNELS)
        return Labels(training, digits @ torch.tensor([100, 10, 1]), CLASSES)


STACKED_MNIST = Problem(
    "stacked-mnist",
    StackedDigits(MNIST),
    Budget(100_000, USUAL, {"energy": 12.0}),
    Judging(
        {"stacked": 26_000},
        ("stacked_modes-mnist", "stacked_modes_quarter-mnist", "stacked_reverse_kl-mnist"),
        extractor=partial(extract, mnist_extractor),
    ),
    controls=CONTROLS,
    about="""
    Stacks of three MNIST digits (Metz et al., 2017, arXiv:1611.02163), fresh in every batch from the member's seed.

    Training digits make the stacks that members and the oracle see, test digits those held out; images in [0, 1]. The
    1,000 modes are counted by the frozen classifier of single digits, on 26,000 samples (VEEGAN, PacGAN).
    """,
)
