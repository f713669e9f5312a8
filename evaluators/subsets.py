"""A set has no order: rows are sorted by their content, and subsets are drawn by a seeded generator.

A file of samples may hold them class by class, and the first 5,000 test images of MNIST are the easier ones: "the
first n" is not a random subset of a set.
"""

from __future__ import annotations

import torch
from torch import Tensor

ROWS = 1_000  # hashed at a time
FOLD, FACTOR = 32, -0x40A7B892E31B1A47  # of SplitMix64 (Steele et al., 2014; from memory), of which one round is enough


def mixed(bits: Tensor) -> Tensor:
    """Spread the information of 64-bit integers over all their bits, in place; the arithmetic is modulo 2⁶⁴."""
    bits.bitwise_xor_(bits >> FOLD).mul_(FACTOR)
    return bits.bitwise_xor_(bits >> FOLD)


def row_hashes(rows: Tensor) -> Tensor:
    """Return a 64-bit number [N] of the values of each row of x [N, *data], independent of the other rows.

    Integers alone are summed, so that every device and every number of threads gives the same; 0.0 and -0.0 are one.
    """
    flat = rows.flatten(1)
    places = mixed(torch.arange(1, flat.shape[1] + 1, device=flat.device))
    parts = [mixed((part.double() + 0.0).view(torch.int64).add_(places)).sum(1) for part in flat.split(ROWS)]
    return torch.cat(parts)


def content_hash(rows: Tensor) -> int:
    """Return a 64-bit number of all values of x [N, *data] in their order."""
    hashes = row_hashes(rows)
    return int(mixed(hashes + mixed(torch.arange(1, len(hashes) + 1, device=hashes.device))).sum())


def by_content(rows: Tensor) -> Tensor:
    """Return x [N, *data] with its rows in an order that only their values decide."""
    return rows[row_hashes(rows).argsort(stable=True)]


def draw(rows: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Draw n of the rows of x [N, *data] without repetition, or return x unchanged if it has no more than n."""
    if n >= len(rows):
        return rows
    order = torch.randperm(len(rows), generator=generator, device=generator.device)
    return rows[order[:n].to(rows.device)]


def shuffled(rows: Tensor, generator: torch.Generator) -> Tensor:
    """Return x [N, *data] in a random order."""
    return rows[torch.randperm(len(rows), generator=generator, device=generator.device).to(rows.device)]


def sums_by(groups: Tensor, rows: Tensor, k: int) -> Tensor:
    """Return the sums [k, d] of the rows of x [N, d] whose group [N] is 0 .. k - 1, added in one order everywhere.

    `index_add_` adds in any order on a GPU, so that a second run would differ in the last bits.
    """
    order = groups.argsort(stable=True)
    counts = torch.bincount(groups, minlength=k)
    return torch.segment_reduce(rows[order], "sum", lengths=counts, axis=0, unsafe=True)
