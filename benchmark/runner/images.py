"""Samples read as images, and images tiled into one; numpy alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # [H, W] grey or [H, W, 3] colour


def images_of(samples: NDArray[Any]) -> Pixels | None:
    """Return samples as images [N, H, W(, 3)], or None if their shape is not that of images.

    Flat samples of k² or 3 k² values are images of k x k, channels first. If there are values below zero, black is -1.
    """
    if samples.ndim == 2 and samples.shape[1] >= 16:
        for channels in (1, 3):
            side = math.isqrt(samples.shape[1] // channels)
            if channels * side * side == samples.shape[1]:
                samples = samples.reshape(len(samples), channels, side, side)
                break
    if samples.ndim == 3:
        samples = samples[:, None]
    if samples.ndim != 4 or samples.shape[1] not in (1, 3) or not np.isfinite(samples).all():
        return None
    if samples.size and samples.min() < 0:
        samples = (samples + 1) / 2
    whole = (np.clip(samples, 0, 1) * 255).round().astype(np.uint8)
    pixels: Pixels = whole[:, 0] if whole.shape[1] == 1 else whole.transpose(0, 2, 3, 1)
    return pixels


def tiled(images: Pixels, columns: int) -> Pixels:
    """Tile images [N, H, W(, 3)] in rows of `columns`, one grey pixel between them."""
    rows = -(-len(images) // columns)
    height, width = images.shape[1:3]
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, *images.shape[3:]), 128, np.uint8)
    for at, image in enumerate(images):
        top, left = (at // columns) * (height + 1), (at % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = image
    return sheet
