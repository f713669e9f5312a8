"""The Toronto Face Database, from the user's own file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.networks import Shape
from benchmark.problems.base import Budget, Problem
from benchmark.problems.data import Data, Source, as_floats
from benchmark.problems.files import TFD, FileSet, find, path_of
from benchmark.problems.images import CONTROLS, SAMPLES, USUAL
from benchmark.problems.judging import Judging
from benchmark.problems.photographs import extract
from evaluators.truth import Truth
from objectives.foundation.names import quote

SIDE = 48
UNLABELLED, VALIDATION, TEST = 0, 2, 3  # what a column of `folds` says of an image
Arrays = Mapping[str, NDArray[Any]]


def arrays(path: Path) -> Arrays:
    """Read `images` [N, 48, 48] and `folds` [N, 5] from a MATLAB file (before 7.3) or from an archive of numpy."""
    try:
        if path.suffix == ".mat":
            from scipy.io import loadmat  # a tenth of a second that other problems need not spend

            return dict(loadmat(path, variable_names=["images", "folds"]))
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in ("images", "folds") if name in archive}
    except Exception as error:  # readers of foreign formats raise many kinds
        raise UserError(f"Cannot read {quote(path)}: {type(error).__name__}: {quote(str(error))}.") from error


def checked(found: Arrays, path: Path) -> tuple[torch.Tensor, NDArray[Any]]:
    """Return the images [N, 1, 48, 48] as bytes, and the first fold [N]."""
    images, folds = found.get("images"), found.get("folds")
    if images is None or folds is None or images.shape[1:] not in ((SIDE, SIDE), (SIDE * SIDE,)) or folds.ndim != 2:
        shapes = ", ".join(f"{name} {list(found[name].shape)}" for name in ("images", "folds") if name in found)
        raise UserError(
            f"The file {quote(path)} must contain images [N, {SIDE}, {SIDE}] and folds [N, 5], "
            f"not {shapes or 'neither'}."
        )
    if images.dtype != np.uint8 or len(folds) != len(images):
        raise UserError(
            f"The images of {quote(path)} must be bytes, a row of folds each, not {len(images)} of type "
            f"{images.dtype} and {len(folds)} rows."
        )
    first = folds[:, 0]
    if lacking := [part for part in (UNLABELLED, VALIDATION, TEST) if not (first == part).any()]:
        raise UserError(f"The first fold of {quote(path)} has no image {lacking[0]}; 0, 2 and 3 are needed.")
    return torch.from_numpy(images.reshape(-1, 1, SIDE, SIDE)), first


@dataclass(frozen=True)
class Faces(Source):
    """The faces of the user's file."""

    files: FileSet = TFD

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (1, SIDE, SIDE)

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Read the images; the unlabelled ones stay bytes."""
        folder = find(self.files, directory, cache)
        path = path_of(self.files, folder, next(iter(self.files.sha256)))
        assert path is not None
        images, fold = checked(arrays(path), path)

        def part(number: int) -> torch.Tensor:
            return images[torch.from_numpy(np.flatnonzero(fold == number))]

        truth = Truth(reference=as_floats(part(TEST)), validation=as_floats(part(VALIDATION)))
        return Data(part(UNLABELLED), truth)


TFD_PROBLEM = Problem(
    "tfd",
    Faces(),
    Budget(50_000, USUAL, {"energy": 10.0}),
    Judging(dict.fromkeys(("frechet", "parzen"), SAMPLES), ("parzen", "fd-pixels8"), extractor=extract),
    controls=CONTROLS,
    about="""
    The Toronto Face Database (Susskind et al., 2010), grey 48x48 faces: unlabelled for training, fold 1 held out.

    As in 2014 the Parzen row's sigma is chosen by the fold's validation images and the score is that of its test
    images; the paper averages over five folds, this is the first. The file is the user's own, so its hash is not
    known beforehand and is recorded.
    """,
)
