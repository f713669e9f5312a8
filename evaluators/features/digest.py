"""The digest of a classifier's training images, independent of their number type."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from evaluators.checks import UNIT, floats

LEVELS = 2.0**14  # of images: k/255 in float32 and in float64 become one number, and train one classifier


def data_digest(images: Tensor, labels: Tensor) -> str:
    """Return the hash of images in [0, 1] to 2⁻¹⁴, flattened or not, and of their labels."""
    levels = (floats("images", images, limits=UNIT).cpu() * LEVELS).round().to(torch.int16)
    digest = hashlib.sha256(f"{len(levels)} ".encode())
    digest.update(levels.contiguous().numpy().data.cast("B"))
    digest.update(labels.detach().cpu().long().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
