"""A stored set of samples, read as the samples of a problem: layout by the shape, range checked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.networks import Shape
from benchmark.problems.data import as_floats
from benchmark.problems.stored import Stored
from evaluators.checks import TOLERANCE
from evaluators.subsets import row_hashes
from objectives.foundation.names import quote

LAYOUTS = ("NCHW", "NHWC")
COLOURS = (1, 3)  # channels of an image
Arrange = Callable[[Tensor], Tensor]


class Seen(NamedTuple):
    """What a first reading of all samples finds."""

    hashes: Tensor  # [N], of each sample's values
    low: float
    high: float
    broken: int  # samples with a value that is not finite


@dataclass(frozen=True)
class SampleSet:
    """Samples of one shape: points [N, D], or images [N, C, H, W] in [0, 1]."""

    stored: Stored
    shape: Shape  # of one sample
    arrange: Arrange  # from the stored layout to [B, *shape]

    def blocks(self) -> Iterator[Tensor]:
        """Yield all samples [B, *shape] as floats, in their order; nothing of them is checked."""
        for block in self.stored.blocks():
            yield as_floats(self.arrange(block))

    @cached_property
    def seen(self) -> Seen:
        """Read all samples once; raises UserError where one is not finite, or an image leaves [0, 1]."""
        hashes, low, high, broken = [], math.inf, -math.inf, 0
        for block in self.blocks():
            finite = block.isfinite().flatten(1).all(1)
            broken += int((~finite).sum())
            if bool(finite.any()):
                least, most = torch.aminmax(block[finite])
                low, high = min(low, float(least)), max(high, float(most))
            hashes.append(row_hashes(block))
        found = Seen(torch.cat(hashes), low, high, broken)
        name = quote(self.stored.name)
        if broken:
            raise UserError(f"{broken} of {len(found.hashes)} samples of {name} are not finite.")
        if len(self.shape) == 3 and not -TOLERANCE <= low <= high <= 1.0 + TOLERANCE:
            hint = (
                " (of samples x in [-1, 1], save (x + 1) / 2)"
                if -1.0 - TOLERANCE <= low < 0.0 and high <= 1.001
                else ""
            )
            raise UserError(
                f"The images of {name} are in [{low:g}, {high:g}]; they must be bytes (uint8), "
                f"or floats in [0, 1]{hint}."
            )
        return found

    def __len__(self) -> int:
        return len(self.seen.hashes)

    @property
    def order(self) -> Tensor:
        """Return the rows [N] in an order that only the samples' values decide."""
        return self.seen.hashes.argsort(stable=True)

    def digest(self) -> str:
        """Return the SHA-256 of the file, or of the set's content where there is no file."""
        content = self.seen.hashes.sort().values.numpy().tobytes()
        return f"sha256:{self.stored.file_digest() or hashlib.sha256(content).hexdigest()}"

    def take(self, rows: Tensor, through: Arrange | None = None) -> Tensor:
        """Read the samples of some rows [n], in their order; `through` maps each block to what is kept of it."""
        places = torch.full((len(self),), -1)
        places[rows] = torch.arange(len(rows))
        parts, found, start = [], [], 0
        for block in self.blocks():
            place = places[start : start + len(block)]
            start += len(block)
            wanted = block[place >= 0]
            if len(wanted):
                parts.append(wanted if through is None else through(wanted))
                found.append(place[place >= 0])
        return torch.cat(parts)[torch.cat(found).argsort()]


def sample_set(stored: Stored, wanted: Shape | None = None, layout: str | None = None, owner: str = "") -> SampleSet:
    """Return a stored set as samples of the shape that `owner` wants, or of the shape that it has.

    Raises UserError where the stored shape fits none, or several layouts fit and none is chosen.
    """
    fits = _fits(stored.shape, wanted)
    if layout is not None and len(fits) > 1:
        fits = {layout: fits[layout]}
    if not fits:
        raise UserError(
            f"The samples of {quote(stored.name)} have the shape {_batch(stored.shape)}; {_need(wanted, owner)}."
        )
    if len(fits) > 1:
        raise UserError(
            f"The samples of {quote(stored.name)} have the shape {_batch(stored.shape)}, which could be "
            f"{' or '.join(fits)}; choose one with --layout."
        )
    shape, arrange = next(iter(fits.values()))
    if len(shape) == 3 and stored.whole:
        raise UserError(f"The images of {quote(stored.name)} must be bytes (uint8) or floats, not other whole numbers.")
    return SampleSet(stored, shape, arrange)


def _fits(shape: Shape, wanted: Shape | None) -> dict[str, tuple[Shape, Arrange]]:
    """Return each layout that a stored shape may have, with the shape of a sample and the way to it."""
    image = wanted is None or len(wanted) == 3
    fits: dict[str, tuple[Shape, Arrange]] = {}
    if len(shape) == 3 and image:
        first, last = shape, (shape[2], *shape[:2])
        if first == wanted or (wanted is None and shape[0] in COLOURS):
            fits["NCHW"] = first, lambda block: block
        if last == wanted or (wanted is None and shape[2] in COLOURS):
            fits["NHWC"] = last, lambda block: block.permute(0, 3, 1, 2).contiguous()
    elif len(shape) == 2 and image and wanted in (None, (1, *shape)):
        fits["NHW"] = (1, *shape), lambda block: block.unsqueeze(1)
    elif len(shape) == 1 and wanted is not None and len(wanted) == 3 and shape[0] == math.prod(wanted):
        fits["NCHW"] = wanted, lambda block: block.reshape(-1, *wanted)
        if wanted[0] > 1:
            last = (*wanted[1:], wanted[0])
            fits["NHWC"] = wanted, lambda block: block.reshape(-1, *last).permute(0, 3, 1, 2).contiguous()
    elif len(shape) < 2 and wanted in (None, shape or (1,)):
        size = shape or (1,)
        fits["points"] = size, lambda block: block.reshape(-1, *size).float()
    return fits


def _need(wanted: Shape | None, owner: str) -> str:
    if wanted is None:
        return "they must be points [N, D] or images [N, H, W], [N, C, H, W] or [N, H, W, C] with 1 or 3 channels"
    size = "x".join(map(str, wanted))
    return f"{owner} needs {f'images of {size}' if len(wanted) == 3 else f'points of {size} numbers'}"


def _batch(shape: Shape) -> str:
    return f"[{', '.join(['N', *map(str, shape)])}]"
