"""Read IDX files, the format of MNIST: two zero bytes, a type, the number of axes, their sizes, the values."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.problems.files import FileSet, content
from objectives.foundation.names import quote

BYTES = 8  # the type of unsigned bytes


class Labelled(NamedTuple):
    """Images [N, 1, H, W] in [0, 1] and their labels [N]."""

    images: Tensor
    labels: Tensor


def array(raw: bytes, name: str) -> Tensor:
    """Read an IDX file's unsigned bytes into one contiguous tensor."""
    axes = raw[3] if len(raw) > 3 else 0
    start = 4 + 4 * axes
    shape = struct.unpack(f">{axes}I", raw[4:start]) if len(raw) >= start else ()
    if raw[:3] != bytes((0, 0, BYTES)) or not shape or len(raw) - start != math.prod(shape):
        raise UserError(f"{quote(name)} is not an IDX file of bytes.")
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=start).view(shape)


def labelled(files: FileSet, folder: Path, part: str) -> Labelled:
    """Read the images, byte values over 255, and the labels of one part, `train` or `t10k`."""
    images = array(content(files, folder, name := f"{part}-images-idx3-ubyte"), name)
    labels = array(content(files, folder, name := f"{part}-labels-idx1-ubyte"), name)
    return Labelled(images.unsqueeze(1).float().div_(255.0), labels.long())
