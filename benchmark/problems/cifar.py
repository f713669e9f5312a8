"""CIFAR-10 from the files of its Python version."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmark.networks import Shape
from benchmark.problems.data import Data, Labelled, Labels, Source
from benchmark.problems.files import CIFAR10, FileSet, content, find
from benchmark.problems.photographs import data_of, photographs

TEST, CLASSES = "test_batch", 10


def batches(files: FileSet, folder: Path, names: Sequence[str]) -> Labelled:
    """Read the images [N, 3, 32, 32] of some files as bytes, and labels; unpickling is safe on a known hash alone."""
    read = [pickle.loads(content(files, folder, name), encoding="latin1") for name in names]
    images = torch.from_numpy(np.concatenate([batch["data"] for batch in read])).view(-1, 3, 32, 32)
    return Labelled(images, torch.tensor([label for batch in read for label in batch["labels"]]))


@dataclass(frozen=True)
class CifarFiles(Source):
    """The images of CIFAR-10's files, in their order."""

    files: FileSet = CIFAR10

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (3, 32, 32)

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Read the images."""
        folder = find(self.files, directory, cache)
        training = batches(self.files, folder, [name for name in self.files.sha256 if name != TEST])
        test = batches(self.files, folder, [TEST])
        data = data_of(training.samples, test.samples)
        labels = Labels(training.labels, test.labels[: len(data.truth.reference)], CLASSES)
        return replace(data, labels=labels)


CIFAR10_PROBLEM = photographs(
    "cifar10",
    CifarFiles(),
    20.0,
    """CIFAR-10's photographs of ten classes (Krizhevsky, 2009), 32x32: 50,000 for training, 10,000 held out.""",
)
