"""The samples themselves as features, for comparison and for 2-D data."""

from __future__ import annotations

import hashlib

from torch import Tensor

from evaluators.checks import points
from evaluators.errors import InvalidSamples
from evaluators.truth import Extractor

TRANSFORM = "flattened, float64"


def flattened(samples: Tensor) -> Tensor:
    """Return samples [N, *data] as features [N, d]."""
    return points("samples", samples)


def averaged(samples: Tensor, side: int) -> Tensor:
    """Return images [N, C, H, W] as the means of side x side blocks, features [N, C·side²]."""
    if samples.ndim != 4 or samples.shape[2] % side or samples.shape[3] % side:
        raise InvalidSamples(f"samples must be images of {side}x{side} equal blocks, got {list(samples.shape)}")
    return points("samples", samples.double().unflatten(3, (side, -1)).unflatten(2, (side, -1)).mean((3, 5)))


def pixels_extractor(side: int | None = None) -> Extractor:
    """Return the extractor of the values themselves, or of images' means over side x side blocks; it has no classes.

    Blocks keep a covariance small: colour photographs of 64x64 pixels have 12,288 values, their 8x8 blocks 192.
    """

    def print_of(transform: str) -> str:
        return hashlib.sha256(transform.encode()).hexdigest()[:16]

    if side is None:
        return Extractor("pixels", print_of(TRANSFORM), flattened)
    transform = f"means of {side}x{side} blocks, {TRANSFORM}"
    return Extractor(f"pixels{side}", print_of(transform), lambda samples: averaged(samples, side))
