"""A problem's data: what members train on, what is known about the true distribution, and where both come from."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.networks import Shape
from evaluators.truth import Modes, Truth

SELECTION = 1_000_000  # seeds of the data on which settings are chosen start here


def as_floats(values: Tensor) -> Tensor:
    """Return floats unchanged, and bytes over 255: images too large to store as floats are converted per batch."""
    return values if values.is_floating_point() else values.float().div_(255.0)


def fifths(points: Tensor) -> tuple[Tensor, Tensor]:
    """Split points [N, *data] into four fifths and one, in one fixed random order."""
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(SELECTION))
    cut = len(points) * 4 // 5
    return points[order[:cut]], points[order[cut:]]


class Labelled(NamedTuple):
    """Samples [N, *data] and their labels [N]."""

    samples: Tensor
    labels: Tensor


class Classes(NamedTuple):
    """What a frozen classifier is trained and tested on."""

    training: Labelled
    test: Labelled


class Labels(NamedTuple):
    """The classes of training rows and of held-out samples, 0 to `classes` - 1."""

    training: Tensor  # [N], of the rows of the training data
    reference: Tensor  # [M]
    classes: int

    @property
    def shares(self) -> Tensor:
        """Return the share of each class in the training data [classes], in float64."""
        counts = torch.bincount(self.training, minlength=self.classes).double()
        return counts / counts.sum()


@dataclass(frozen=True)
class Data:
    """A problem's data: the tensor that members train on, and the truth that evaluators see."""

    training: Tensor  # [N, *data]: floats, or bytes where floats would be too large, see `as_floats`
    truth: Truth
    notes: tuple[str, ...] = ()  # what a user should know about how they were read
    classes: Classes | None = None
    labels: Labels | None = None

    def digest(self) -> str:
        """Hash the training data and the held-out reference: two runs compare only where both agree."""
        digest = hashlib.sha256()
        for tensor in (self.training, self.truth.reference):
            digest.update(repr((tuple(tensor.shape), tensor.dtype)).encode())
            digest.update(tensor.contiguous().numpy().data.cast("B"))  # no copy: it may be of gigabytes
        return digest.hexdigest()[:16]

    def oracle(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw as a perfect generator would: exact samples if the truth has a sampler, else training samples."""
        if self.truth.sampler is not None:
            return self.truth.sampler(count, generator)
        rows = torch.randperm(len(self.training), generator=generator)[:count]
        return as_floats(self.training[rows])


@dataclass(frozen=True)
class Source:
    """Where data come from; subclasses are frozen dataclasses, so that a problem is a value."""

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        raise NotImplementedError

    @property
    def image(self) -> Shape | None:
        """Return the shape (C, H, W) of one sample as an image in [0, 1], or None if it is not one."""
        return self.shape if len(self.shape) == 3 else None

    @property
    def stack(self) -> int:
        """Return the number of rows of the training data that make one sample."""
        return 1

    @property
    def modes(self) -> Modes | None:
        """Return the modes, where they are known."""
        return None

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Make or read the data; files are looked for below `directory` first, and what was decoded is in `cache`."""
        raise NotImplementedError

    def selection(self, data: Data) -> Data:
        """Return other data for choosing settings: nothing of it is what a leaderboard scores samples by.

        Here, for finite data: four fifths of the training set in a fixed random order to train on, the rest for the
        reference, at most as many as the test set has. The test set itself plays no part.
        """
        training, held_out = fifths(data.training)
        known = training if data.truth.training is not None else None
        size = len(data.truth.reference)
        labels = None
        if data.labels is not None:
            kept, others = fifths(data.labels.training)
            labels = Labels(kept, others[:size], data.labels.classes)
        reference = as_floats(held_out[:size])
        truth = dataclasses.replace(data.truth, training=known, reference=reference, sampler=None)
        return Data(training, truth, labels=labels)
