"""Squared distances between two sets in blocks of rows: memory is block x M, whatever N is.

‖x - y‖² = ‖x‖² + ‖y‖² - 2 x·y in float64, both sets shifted by one mean; rounding below zero is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

BLOCK = 500


@dataclass(frozen=True)
class Block:
    """Rows start .. stop, columns from `first` on; the next block overwrites `values`."""

    start: int
    stop: int
    first: int
    values: Tensor  # [stop - start, M - first]


def squared_distances(x: Tensor, y: Tensor, block: int = BLOCK) -> Iterator[Block]:
    """Return all squared distances between x [N, d] and y [M, d]."""
    yield from _blocks(x, y, block, upper=False)


def squared_distances_upper(x: Tensor, block: int = BLOCK) -> Iterator[Block]:
    """Return those within one set from the diagonal on, half the work; the diagonal itself is infinite."""
    for part in _blocks(x, x, block, upper=True):
        part.values.diagonal().fill_(torch.inf)
        yield part


def _blocks(x: Tensor, y: Tensor, block: int, upper: bool) -> Iterator[Block]:
    middle = y.mean(0)
    same = x is y
    x = x - middle
    y = x if same else y - middle
    x_norms, y_norms = x.square().sum(1), y.square().sum(1)
    buffer = torch.empty(min(block, len(x)) * len(y), dtype=x.dtype, device=x.device)
    for start in range(0, len(x), block):
        stop, first = min(start + block, len(x)), start if upper else 0
        shape = (stop - start, len(y) - first)
        values = buffer[: shape[0] * shape[1]].view(shape)
        torch.addmm(y_norms[first:], x[start:stop], y[first:].T, alpha=-2.0, out=values)
        yield Block(start, stop, first, values.add_(x_norms[start:stop, None]).clamp_(min=0.0))


def nearest(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the squared distance [N] of each x to its nearest y, and that y's index [N]."""
    pairs = [part.values.min(1) for part in squared_distances(x, y)]
    return torch.cat([values for values, _ in pairs]), torch.cat([indices for _, indices in pairs])


def neighbour_distances(x: Tensor, k: int) -> Tensor:
    """Return the squared distances [N, k] of each point to its k nearest others, ascending."""
    best = torch.full((len(x), k), torch.inf, dtype=x.dtype, device=x.device)
    for part in squared_distances_upper(x):
        rows, later = slice(part.start, part.stop), slice(part.stop, None)
        best[rows] = _smallest(best[rows], part.values, k)
        below = part.values[:, part.stop - part.start :]
        if below.shape[1]:
            kept = below.topk(min(k, len(below)), dim=0, largest=False).values.T
            best[later] = _smallest(best[later], kept, k)
    return best


def _smallest(known: Tensor, new: Tensor, k: int) -> Tensor:
    if new.shape[1] > k:
        new = new.topk(k, largest=False).values
    return torch.cat([known, new], 1).topk(k, largest=False).values
