"""Any folder of images as a problem; unreadable files are counted and named."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.problems.base import Problem
from benchmark.problems.picture_files import Skipped, pictures_in_folder, report
from benchmark.problems.samples import FEWEST, from_samples
from objectives.foundation.names import quote

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 32
ABOUT = """A folder of images, each cropped to its central square and resized to 32x32 colour pixels in [0, 1].

    In one fixed random order, five sixths of the images are for training, a twelfth for validation, a twelfth held out.
    """


def square_of(picture: Image, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture as bytes [3, side, side]: cut to its central square, then resized."""
    from PIL import Image, ImageOps

    square = ImageOps.fit(picture.convert("RGB"), (side, side), Image.Resampling.BOX)
    return np.asarray(square, dtype=np.uint8).transpose(2, 0, 1)


def read_folder(folder: Path, side: int) -> tuple[Tensor, tuple[str, ...]]:
    """Read all images below a folder, by path, as bytes [N, 3, side, side], with a report of the files skipped."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {quote(folder)}.")
    skipped: Skipped = []
    images = [square_of(picture, side) for _, picture in pictures_in_folder(folder, skipped)]
    if len(images) < FEWEST:
        raise UserError(
            f"The folder {quote(folder)} has {len(images)} readable images in {len(images) + len(skipped)} "
            f"files; {FEWEST} are needed{''.join('; ' + line for line in report(skipped))}."
        )
    return torch.from_numpy(np.stack(images)), report(skipped)


def folder_problem(name: str) -> Problem:
    """Return the problem of a name `folder:PATH`: the images are read, and it is named by their content."""
    path = name.partition(":")[2]
    if not path or "\0" in path:
        raise UserError(f"Write a folder of images as folder:PATH, not {quote(name)}.")
    images, notes = read_folder(Path(path).expanduser(), SIDE)
    problem = from_samples(images.float().div_(255.0))
    notes = (f"read from {quote(name)}.", *(f"{note}." for note in notes))
    judging = dataclasses.replace(problem.judging, notes=notes)
    return dataclasses.replace(problem, judging=judging, about=ABOUT)
