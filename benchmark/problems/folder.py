"""Any folder of images as a problem: what can be read is used, what cannot be read is counted and named."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.names import shown
from benchmark.problems.base import Problem
from benchmark.problems.samples import FEWEST, from_samples

SUFFIXES = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"))
NAMED = 3  # files that the report names per reason
SIDE = 32
ABOUT = """A folder of images, each cut to its central square and resized to 32x32 colour pixels in [0, 1].

    Of the images in one fixed random order five sixths train; half of the others validate, and half are held out.
    """


class Unreadable(Exception):  # noqa: N818  not an error: it is counted and named
    """Why a file gives no image."""


def image_of(path: Path, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Read one image as bytes [3, side, side]: cut to its central square, then resized; of an animation the first."""
    from PIL import Image, ImageOps  # a tenth of a second that other problems need not spend

    try:
        with Image.open(path) as opened:
            opened.load()
            image = ImageOps.exif_transpose(opened)
            if image.mode.startswith(("I", "F")):  # more than 8 bits a channel, which a plain conversion would clip
                values = np.asarray(image, dtype=np.float64)
                top = 65535.0 if image.mode.startswith("I") else max(1.0, float(values.max()))
                image = Image.fromarray((255.0 * (values / top).clip(0.0, 1.0)).round().astype(np.uint8))
            if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
                image = image.convert("RGBA")
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image)
            square = ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.BOX)
    except Exception as error:  # a damaged file fails in as many ways as there are formats
        raise Unreadable(f"{type(error).__name__}") from error
    return np.asarray(square, dtype=np.uint8).transpose(2, 0, 1)


def read_folder(folder: Path, side: int) -> tuple[Tensor, tuple[str, ...]]:
    """Read all images below a folder, by path, as bytes [N, 3, side, side], with a report of the files skipped."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {shown(str(folder))}.")
    files = sorted(visible_files(folder))
    images, skipped = [], []
    for path in files:
        if path.suffix.lower() not in SUFFIXES:
            skipped.append((path, "no image by its name"))
            continue
        try:
            images.append(image_of(path, side))
        except Unreadable as reason:
            skipped.append((path, f"cannot be read ({reason})"))
    if len(images) < FEWEST:
        raise UserError(
            f"The folder {shown(str(folder))} holds {len(images)} readable images of {len(files)} files; "
            f"{FEWEST} are needed{''.join('; ' + line for line in report(skipped))}."
        )
    return torch.from_numpy(np.stack(images)), report(skipped)


def visible_files(folder: Path) -> Iterator[Path]:
    """List the files below a folder, without hidden ones and those of hidden folders, such as notebooks' copies."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def report(skipped: list[tuple[Path, str]]) -> tuple[str, ...]:
    """Say how many files were skipped for each reason, and name the first of them."""
    lines = []
    for reason, count in Counter(reason for _, reason in skipped).items():
        first = [shown(path.name) for path, why in skipped if why == reason][:NAMED]
        more = ", …" if count > len(first) else ""
        lines.append(f"{count} skipped, {reason}: {', '.join(first)}{more}")
    return tuple(lines)


def folder_problem(name: str) -> Problem:
    """Return the problem of a name `folder:PATH`: the images are read, and it is named by their content."""
    path = name.partition(":")[2]
    if not path or "\0" in path:
        raise UserError(f"A folder of images is written folder:PATH, not {shown(name)}.")
    images, notes = read_folder(Path(path).expanduser(), SIDE)
    problem = from_samples(images.float().div_(255.0))
    notes = (f"read from {shown(name)}.", *(f"{note}." for note in notes))
    judging = dataclasses.replace(problem.judging, notes=notes)
    return dataclasses.replace(problem, judging=judging, about=ABOUT)
