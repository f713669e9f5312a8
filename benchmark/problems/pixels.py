"""The mean image of a training set."""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 4_096  # images of bytes whose pixels are summed at a time


def pixel_means(images: Tensor) -> Tensor:
    """Return the mean of images [N, *data] in float64, of bytes over 255; a block at a time where they are bytes."""
    if images.is_floating_point():
        return images.double().mean(0)
    sums = [block.sum(0, dtype=torch.int64) for block in images.split(BLOCK)]
    return torch.stack(sums).sum(0).double() / (255.0 * len(images))
