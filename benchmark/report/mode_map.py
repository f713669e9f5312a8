"""Which modes of the truth a generator draws, and how often: circles whose area is the share, and their table.

Records tell how many modes there are, not where. Their places are found in the oracle's samples: k-means from
points far from each other, which for modes apart by many standard deviations is exact but for sampling noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from benchmark.leaderboard import Table
from benchmark.leaderboard.text import readable

Array = NDArray[Any]
MOST = 100  # modes that a map can show
ROUNDS = 10
APART = 6.0  # standard deviations between modes, at least; nearer ones cannot be told apart by k-means
NEAR = 3.0  # standard deviations within which a sample is of its mode
ROOM, FAIR = 200, 0.24  # of a map, and the radius of a fair share in units of the least distance between modes


@dataclass(frozen=True)
class ModeMap:
    """Each row's map and the shares behind it: in percent, by mode, and elsewhere."""

    count: int
    panels: tuple[tuple[str, Markup, str], ...]  # row, drawing, what it shows in words
    lines: tuple[tuple[str, tuple[float, ...]], ...]


def mode_map(table: Table, truth: Sequence[Array], chosen: Mapping[str, Array | None]) -> ModeMap | None:
    """Draw the maps of a table's rows; None where modes are not known to be well apart."""
    stated = {column.protocol.get("n_modes") for column in table.columns} - {None}
    if not truth or len(stated) != 1 or not str(count := stated.pop()).isdecimal() or not 1 < int(str(count)) <= MOST:
        return None
    points = np.concatenate(truth)
    centres = centres_of(points, int(str(count)))
    deviation = math.sqrt(float(_distances(points, centres).min(axis=1).mean()) / points.shape[1])
    between = np.sqrt(_distances(centres, centres) + np.diag([math.inf] * len(centres))).min()
    if not between > APART * deviation:
        return None
    found = {label: shares(one, centres, NEAR * deviation) for label, one in chosen.items() if one is not None}
    panels = tuple((readable(label), _drawn(centres, own, between), _said(own)) for label, own in found.items())
    lines = tuple((readable(label), tuple(float(100 * share) for share in own)) for label, own in found.items())
    return ModeMap(len(centres), panels, lines)


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


def _drawn(centres: Array, own: Array, between: float) -> Markup:
    """Draw a ring for each mode's fair share and a disc for what it has."""
    low, high = centres.min(axis=0) - between / 2, centres.max(axis=0) + between / 2
    size = float((high - low).max())
    places = (centres - (low + high) / 2) / size * ROOM + ROOM / 2
    fair = FAIR * between / size * ROOM
    circle = Markup('<circle class="{}" cx="{:.0f}" cy="{:.0f}" r="{:.1f}"/>')
    return Markup("").join(
        circle.format("fair", x, ROOM - y, fair)
        + circle.format("has", x, ROOM - y, min(2 * fair, fair * math.sqrt(share * len(centres))))
        for (x, y), share in zip(places, own[:-1], strict=True)
    )


def _said(own: Array) -> str:
    return f"{int((own[:-1] > 0).sum())} of {len(own) - 1} modes, {own[-1]:.0%} elsewhere"
