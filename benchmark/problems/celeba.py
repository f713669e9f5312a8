"""CelebA's faces: decoded once, and then read from a file that is mapped into memory."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.errors import UserError
from benchmark.networks import Shape
from benchmark.problems.data import Data, Source
from benchmark.problems.files import CELEBA, FileSet, content, find
from benchmark.problems.photographs import data_of, photographs
from objectives.foundation.names import quote

PARTITION = "list_eval_partition.txt"
TRAIN, TEST = "0", "2"  # the partition's names of its parts
ALIGNED = (178, 218)  # width and height of an aligned image
CROP, SIDE = 160, 64
PREFIX = f"aligned-{CROP}-{SIDE}-"  # of the decoded file; the SHA-256 of its images follows


def parts(files: FileSet, folder: Path) -> dict[str, list[str]]:
    """Read which images belong to which part, in the file's order."""
    found: dict[str, list[str]] = {}
    for line in content(files, folder, PARTITION).decode().split("\n"):
        if line.strip():
            image, part = line.split()
            found.setdefault(part, []).append(image)
    return found


def face(path: Path) -> NDArray[np.uint8]:
    """Read one aligned image as bytes [3, 64, 64]: its central 160x160 pixels, resized without aliasing."""
    from PIL import Image  # a tenth of a second that other problems need not spend

    try:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
    except Exception as error:  # a damaged file fails in many ways
        raise UserError(f"Cannot read CelebA's image {quote(path.name)}: {type(error).__name__}.") from error
    if image.size != ALIGNED:
        width, height = image.size
        raise UserError(f"CelebA's aligned images have 178x218 pixels, but {quote(path.name)} has {width}x{height}.")
    left, top = (ALIGNED[0] - CROP) // 2, (ALIGNED[1] - CROP) // 2
    cut = image.crop((left, top, left + CROP, top + CROP))
    return np.asarray(cut.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.uint8).transpose(2, 0, 1)


def decode(folder: Path, names: Sequence[str], cache: Path) -> Path:
    """Decode images into one file of bytes [N, 3, 64, 64] that appears whole, named by the hash of its content."""
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise UserError(
            f"The folder {quote(folder)} lacks {len(missing)} of CelebA's {len(names)} images, "
            f"starting with {quote(missing[0])}."
        )
    temporary = cache / f".gan-bench-{secrets.token_hex(8)}.tmp"
    digest = hashlib.sha256()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        target = np.lib.format.open_memmap(temporary, "w+", np.uint8, (len(names), 3, SIDE, SIDE))
        for row, name in enumerate(names):
            target[row] = face(folder / name)
            digest.update(target[row].data)
        target.flush()
        return temporary.replace(cache / f"{PREFIX}{digest.hexdigest()}.npy")
    except OSError as error:
        raise UserError(f"Cannot write CelebA's decoded images to {quote(cache)}: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def mapped(path: Path, count: int) -> Tensor | None:
    """Map a decoded file into memory, or return None if its content does not match its name."""
    try:
        images: NDArray[Any] = np.load(path, mmap_mode="c")  # copy on write, for torch knows no read-only tensor
    except (OSError, ValueError):
        return None
    if images.shape != (count, 3, SIDE, SIDE) or images.dtype != np.uint8:
        return None
    return torch.from_numpy(images) if path.stem == PREFIX + hashlib.sha256(images.data).hexdigest() else None


@dataclass(frozen=True)
class CelebAFiles(Source):
    """The images of CelebA's folder, decoded once into the cache."""

    files: FileSet = CELEBA

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (3, SIDE, SIDE)

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Map the decoded images, decoding them first where no good file of them is there."""
        folder = find(self.files, directory, cache)
        assert self.files.images is not None
        split, place = parts(self.files, folder), cache / "decoded"
        names = [*split[TRAIN], *split[TEST]]
        known = sorted(place.glob(f"{PREFIX}*.npy"))
        images = next((found for path in known if (found := mapped(path, len(names))) is not None), None)
        if images is None:
            images = mapped(decode(folder / self.files.images, names, place), len(names))
            assert images is not None
        cut = len(split[TRAIN])
        return data_of(images[:cut], images[cut:])


CELEBA_PROBLEM = photographs(
    "celeba",
    CelebAFiles(),
    40.0,
    """CelebA's aligned faces (Liu et al., 2015, arXiv:1411.7766), 64x64: 162,770 for training, 10,000 held out.

    The central 160x160 pixels are resized, as in Lucic et al. (2018, arXiv:1711.10337). The first use decodes all
    images of the training and the test part into one file of 2.2 GB in the cache, which takes some minutes; its name
    contains its hash, which is checked at every use.
    """,
)
