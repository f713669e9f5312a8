"""CIFAR-10 from the files of its Python version."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmark.networks import Shape
from benchmark.problems.data import Data, Source
from benchmark.problems.files import CIFAR10, FileSet, content, find
from benchmark.problems.photographs import data_of, photographs

TEST = "test_batch"


def batches(files: FileSet, folder: Path, names: Sequence[str]) -> Tensor:
    """Read the images [N, 3, 32, 32] of some files as bytes; unpickling is safe on content of a known hash alone."""
    rows = [pickle.loads(content(files, folder, name), encoding="latin1")["data"] for name in names]
    return torch.from_numpy(np.concatenate(rows)).view(-1, 3, 32, 32)


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
        return data_of(training, batches(self.files, folder, [TEST]))


CIFAR10_PROBLEM = photographs(
    "cifar10",
    CifarFiles(),
    20.0,
    """CIFAR-10's photographs of ten classes (Krizhevsky, 2009), 32x32: 50,000 train, 10,000 are held out.""",
)
