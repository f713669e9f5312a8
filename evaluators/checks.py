"""What samples must satisfy before any arithmetic: every public function passes its arguments through here."""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators.errors import InvalidSamples

LARGEST = 1e20  # the cubic kernel raises a value to its sixth power, its variance to the twelfth: 1e240 is a float64


def points(name: str, values: Tensor, at_least: int = 1) -> Tensor:
    """Return samples [N, *data] as a matrix [N, d] of float64, or say what is wrong with them.

    The caller's tensor is never changed; where it is already such a matrix the result may share its memory.
    """
    if not isinstance(values, Tensor) or not values.is_floating_point():
        kind = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise InvalidSamples(f"{name} must be a floating-point tensor, got {kind}")
    if values.ndim < 2 or 0 in values.shape[1:]:
        raise InvalidSamples(f"{name} must have shape [N, *data], got {list(values.shape)}")
    if len(values) < at_least:
        raise InvalidSamples(f"{name} holds {len(values)} samples, at least {at_least} are needed")
    device = "cpu" if values.device.type == "mps" else values.device  # MPS has no float64
    matrix = values.detach().to(device=device, dtype=torch.float64).flatten(1)
    bad = int((~(matrix.abs() <= LARGEST)).any(1).sum())
    if bad:
        raise InvalidSamples(f"{name} holds {bad} of {len(matrix)} samples that are not finite or exceed {LARGEST:g}")
    return matrix


def same_width(first_name: str, first: Tensor, second_name: str, second: Tensor) -> None:
    """Demand that two sets live in the same space."""
    if first.shape[1] != second.shape[1]:
        raise InvalidSamples(
            f"{first_name} has {first.shape[1]} values per sample but {second_name} has {second.shape[1]}"
        )


def pair(first_name: str, first: Tensor, second_name: str, second: Tensor, at_least: int = 1) -> tuple[Tensor, Tensor]:
    """Return two sets of samples of one space as float64 matrices [N, d] and [M, d]."""
    left, right = points(first_name, first, at_least), points(second_name, second, at_least)
    same_width(first_name, left, second_name, right)
    return left, right


def varied(name: str, matrix: Tensor) -> Tensor:
    """Demand that not all rows are one and the same point."""
    if bool((matrix == matrix[:1]).all()):
        raise InvalidSamples(f"{name} holds {len(matrix)} times the same point, so it sets no scale")
    return matrix


def unit_interval(name: str, matrix: Tensor) -> Tensor:
    """Demand values in [0, 1]."""
    low, high = float(matrix.min()), float(matrix.max())
    if low < 0.0 or high > 1.0:
        raise InvalidSamples(f"{name} must lie in [0, 1], got values from {low:g} to {high:g}")
    return matrix


def distribution(name: str, values: Tensor, at_least: int = 1) -> Tensor:
    """Demand rows [N, C] of class probabilities: at least two classes, none negative, each row summing to one."""
    matrix = points(name, values, at_least)
    if matrix.shape[1] < 2:
        raise InvalidSamples(f"{name} must hold probabilities of at least 2 classes, got {matrix.shape[1]}")
    worst = float((matrix.sum(1) - 1.0).abs().max())
    if float(matrix.min()) < 0.0 or worst > 1e-4:
        raise InvalidSamples(
            f"{name} must hold probabilities, got a smallest value of {float(matrix.min()):g} "
            f"and a row that misses the sum 1 by {worst:g}"
        )
    return matrix
