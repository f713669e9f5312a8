"""Where the modes of the truth are, and how often a generator draws each.

Records tell how many modes there are, not where. Their places are found in the oracle's samples: k-means from
points far from each other, which for modes apart by many standard deviations is exact but for sampling noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.leaderboard import Table

Array = NDArray[Any]
MOST = 100  # modes that a map can show
ROUNDS = 10
APART = 6.0  # standard deviations between modes, at least; k-means cannot separate closer ones
NEAR = 3.0  # standard deviations within which a sample is of its mode
FAIR = 0.24  # the radius of a fair share, in units of the least distance between modes


@dataclass(frozen=True)
class ModePlaces:
    """The centres of a truth's modes [K, 2], the deviation within one, and the least distance between two."""

    centres: Array
    deviation: float
    between: float

    def shares(self, samples: Array) -> Array:
        """Return the share of samples within three standard deviations of each centre, and last of all others."""
        return shares(samples, self.centres, NEAR * self.deviation)

    def frame(self) -> tuple[Array, float]:
        """Return the lower left corner and the side of the square that holds all modes."""
        low, high = self.centres.min(axis=0) - self.between / 2, self.centres.max(axis=0) + self.between / 2
        size = float((high - low).max())
        return (low + high) / 2 - size / 2, size

    def radius(self, share: float) -> float:
        """Return the radius of a disc whose area is a mode's share; a fair one has 0.24 of the least distance."""
        return FAIR * self.between * min(2.0, math.sqrt(share * len(self.centres)))


def modes_of(table: Table, truth: Sequence[Array]) -> ModePlaces | None:
    """Find the modes of a table's truth in the plane; None where they are not known to be well apart."""
    stated = {column.protocol.get("n_modes") for column in table.columns} - {None}
    if not truth or len(stated) != 1 or not str(count := stated.pop()).isdigit() or not 1 < int(str(count)) <= MOST:
        return None
    points = np.concatenate(truth)
    centres = centres_of(points, int(str(count)))
    deviation = math.sqrt(float(_distances(points, centres).min(axis=1).mean()) / points.shape[1])
    between = float(np.sqrt(_distances(centres, centres) + np.diag([math.inf] * len(centres))).min())
    return ModePlaces(centres, deviation, between) if between > APART * deviation else None


def centres_of(points: Array, count: int) -> Array:
    """Find so many centres [K, d], ordered by their places: from points far apart, then Lloyd's rounds."""
    centres = points[:1]
    while len(centres) < count:
        centres = np.concatenate([centres, points[[_distances(points, centres).min(axis=1).argmax()]]])
    for _ in range(ROUNDS):
        nearest = _distances(points, centres).argmin(axis=1)
        centres = np.stack([points[nearest == at].mean(axis=0) for at in range(count)])
    rounded = np.round(centres, 1)
    ordered: Array = centres[np.lexsort((rounded[:, 0], -rounded[:, 1]))]  # as one reads: rows from the top
    return ordered


def shares(samples: Array, centres: Array, radius: float) -> Array:
    """Return the share of samples near each centre, and last of those near none."""
    distances = _distances(np.nan_to_num(samples, nan=math.inf), centres)
    near = distances.min(axis=1) <= radius * radius
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centres))
    found: Array = np.append(counts, len(samples) - near.sum()) / len(samples)
    return found


def _distances(points: Array, centres: Array) -> Array:
    squared: Array = ((points[:, None] - centres) ** 2).sum(axis=2)
    return squared


def describe_shares(own: Array) -> str:
    """Say how many modes have any sample, and what lies elsewhere."""
    return f"{int((own[:-1] > 0).sum())} of {len(own) - 1} modes, {own[-1]:.0%} elsewhere"
