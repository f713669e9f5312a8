"""CIFAR-10 from the files of its Python version."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from benchmark.problems.base import Data
from benchmark.problems.files import CIFAR10, FileSet, content, find
from benchmark.problems.photographs import Photographs

TEST = "test_batch"


def batches(files: FileSet, folder: Path, names: Sequence[str]) -> Tensor:
    """Read the images [N, 3, 32, 32] of some files as bytes; unpickling is safe on content of a known hash alone."""
    rows = [pickle.loads(content(files, folder, name), encoding="latin1")["data"] for name in names]
    return torch.from_numpy(np.concatenate(rows)).view(-1, 3, 32, 32)


@dataclass(frozen=True)
class Cifar10(Photographs):
    """CIFAR-10's photographs of ten classes (Krizhevsky, 2009), 32x32: 50,000 train, 10,000 are held out."""

    name: ClassVar[str] = "cifar10"
    shape: ClassVar[tuple[int, ...]] = (3, 32, 32)
    scales: ClassVar[Mapping[str, float]] = {"energy": 20.0}
    files: ClassVar[FileSet] = CIFAR10

    def load(self, cache: Path) -> Data:
        """Read the images, in the files' order."""
        folder = find(self.files, self.data_directory, cache)
        training = batches(self.files, folder, [name for name in self.files.sha256 if name != TEST])
        return self.data_of(training, batches(self.files, folder, [TEST]))
