"""Input checks: what samples must satisfy before any arithmetic; every public function passes its arguments here.

Tensors on any device and NumPy arrays are accepted. A set is [N, *data]; its shape, range, type and finiteness are
checked before a value is used, and every error is one sentence with what was found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from evaluators.errors import InvalidSamples

LARGEST = 1e20  # the cubic kernel raises a value to its sixth power, its variance to the twelfth: 1e240 is a float64
TOLERANCE = 1e-6  # by which a value may leave its range: what rounding in float32 adds
UNIT = (0.0, 1.0)  # the range of images

Shape = Sequence[int]
Limits = tuple[float, float]


def tensor(name: str, values: object) -> Tensor:
    """Return a tensor of floating-point numbers or of bytes, detached; a NumPy array is copied."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fu" and values.dtype.itemsize <= 8:
        values = torch.from_numpy(np.array(values, dtype=values.dtype.newbyteorder("="), order="C"))
    if not isinstance(values, Tensor):
        kind = f"an array of {values.dtype}" if isinstance(values, np.ndarray) else type(values).__name__
        raise InvalidSamples(f"{name} must be a floating-point tensor or NumPy array, got {kind}")
    if values.layout != torch.strided or not (values.is_floating_point() or values.dtype == torch.uint8):
        raise InvalidSamples(f"{name} must be a dense floating-point tensor, got {values.dtype}, {values.layout}")
    return values.detach()


def same_layout(first: Shape, second: Shape) -> bool:
    """Return whether two shapes hold the same values in the same order: axes of length 1 aside, or one of them flat."""
    a, b = ([size for size in shape if size != 1] for shape in (first, second))
    return a == b or (1 in (len(first), len(second)) and math.prod(a) == math.prod(b))


def batch_of(shape: Shape) -> str:
    """Return the shape of a batch of samples in words: [N, 3, 32, 32]."""
    return f"[{', '.join(['N', *map(str, shape)])}]"


def same_shape(first_name: str, first: Shape, second_name: str, second: Shape) -> None:
    """Require that the samples of two sets have one shape and one layout."""
    if not same_layout(first, second):
        layout = "; the same axes in another order" if sorted(first) == sorted(second) else ""
        raise InvalidSamples(
            f"{first_name} has the shape {batch_of(first)} but {second_name} {batch_of(second)}{layout}"
        )


def floats(name: str, values: object, at_least: int = 1, limits: Limits | None = None) -> Tensor:
    """Return samples [N, *data] as finite floating-point numbers within the limits, or say what is wrong with them.

    Bytes are images, k/255, where the limits are [0, 1]; otherwise they are rejected.
    """
    x = tensor(name, values)
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise InvalidSamples(f"{name} must have shape [N, *data], got {list(x.shape)}")
    if len(x) < at_least:
        raise InvalidSamples(f"{name} has {len(x)} samples; at least {at_least} are needed")
    if x.dtype == torch.uint8:
        if limits != UNIT:
            raise InvalidSamples(f"{name} must be a floating-point tensor, got {x.dtype}")
        return x.float().div_(255.0)
    if len(x) == 0:
        return x
    low, high = (float(extreme) for extreme in torch.aminmax(x))
    if not (low >= -LARGEST and high <= LARGEST):
        bad = int((~(x.flatten(1).abs() <= LARGEST)).any(1).sum())
        raise InvalidSamples(f"{name} has {bad} of {len(x)} samples that are not finite or exceed {LARGEST:g}")
    if limits is not None and not (low >= limits[0] - TOLERANCE and high <= limits[1] + TOLERANCE):
        raise InvalidSamples(f"{name} must be in [{limits[0]:g}, {limits[1]:g}], got values from {low:g} to {high:g}")
    return x


def exact_device(device: torch.device) -> torch.device:
    """Return the device on which to evaluate samples: their own, or the CPU if their own has no float64."""
    return torch.device("cpu") if device.type == "mps" else device


def points(name: str, values: object, at_least: int = 1, limits: Limits | None = None) -> Tensor:
    """Return samples [N, *data] as a matrix [N, d] of float64 where they are, or say what is wrong with them.

    The caller's tensor is never changed; where it is already such a matrix the result may share its memory.
    """
    x = floats(name, values, at_least, limits)
    return x.to(device=exact_device(x.device), dtype=torch.float64).flatten(1)


def matrices(sets: dict[str, object], at_least: int = 1, limits: Limits | None = None) -> list[Tensor]:
    """Return sets of samples of one shape as float64 matrices [N, d], [M, d], ..; the keys are their names."""
    found = [points(name, values, at_least, limits) for name, values in sets.items()]
    (first_name, first), *others = ((name, tensor(name, values).shape[1:]) for name, values in sets.items())
    for name, shape in others:
        same_shape(first_name, first, name, shape)
    return found


def pair(first_name: str, first: object, second_name: str, second: object, at_least: int = 1) -> tuple[Tensor, Tensor]:
    """Return two sets of samples of one shape as float64 matrices [N, d] and [M, d]."""
    left, right = matrices({first_name: first, second_name: second}, at_least)
    return left, right


def varied(name: str, matrix: Tensor) -> Tensor:
    """Require that not all rows are one and the same point."""
    if bool((matrix == matrix[:1]).all()):
        raise InvalidSamples(f"{name} has the same point {len(matrix)} times, so it has no scale")
    return matrix


def distribution(name: str, values: object, at_least: int = 1) -> Tensor:
    """Require rows [N, C] of class probabilities: at least two classes, none negative, each row summing to one."""
    matrix = points(name, values, at_least)
    if matrix.shape[1] < 2:
        raise InvalidSamples(f"{name} must be probabilities of at least 2 classes, got {matrix.shape[1]}")
    worst = float((matrix.sum(1) - 1.0).abs().max())
    if float(matrix.min()) < 0.0 or worst > 1e-4:
        raise InvalidSamples(
            f"{name} must be probabilities, got a smallest value of {float(matrix.min()):g} "
            f"and a row whose sum differs from 1 by {worst:g}"
        )
    return matrix


def not_negative(name: str, value: float) -> float:
    """Return a number that cannot be negative, zero where rounding made it so; `max(0.0, nan)` would be 0, the best."""
    if math.isnan(value):
        raise InvalidSamples(f"{name} came out as {value}, so the 2 sets cannot be compared")
    return max(0.0, value)
