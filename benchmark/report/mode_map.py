"""Which modes of the truth a generator draws, and how often: circles whose area is the share, and their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from numpy.typing import NDArray

from benchmark.figures.modes import Modes, describe_shares, modes_of
from benchmark.leaderboard import Table
from benchmark.leaderboard.text import readable

Array = NDArray[Any]
ROOM = 200  # of a map, in its own units


@dataclass(frozen=True)
class ModeMap:
    """Each row's map and the shares behind it: in percent, by mode, and elsewhere."""

    count: int
    panels: tuple[tuple[str, Markup, str], ...]  # row, drawing, what it shows in words
    lines: tuple[tuple[str, tuple[float, ...]], ...]


def mode_map(table: Table, truth: Sequence[Array], chosen: Mapping[str, Array]) -> ModeMap | None:
    """Draw the maps of a table's rows; None where modes are not known to be well apart."""
    modes = modes_of(table, truth)
    if modes is None:
        return None
    found = {label: modes.shares(samples) for label, samples in chosen.items()}
    panels = tuple((readable(label), _draw(modes, own), describe_shares(own)) for label, own in found.items())
    lines = tuple((readable(label), tuple(float(100 * share) for share in own)) for label, own in found.items())
    return ModeMap(len(modes.centres), panels, lines)


def _draw(modes: Modes, own: Array) -> Markup:
    """Draw a ring for each mode's fair share and a disc for what it has."""
    corner, size = modes.frame()
    places = (modes.centres - corner) / size * ROOM
    fair = modes.radius(1 / len(modes.centres)) / size * ROOM
    circle = Markup('<circle class="{}" cx="{:.0f}" cy="{:.0f}" r="{:.1f}"/>')
    return Markup("").join(
        circle.format("fair", x, ROOM - y, fair) + circle.format("has", x, ROOM - y, modes.radius(share) / size * ROOM)
        for (x, y), share in zip(places, own[:-1], strict=True)
    )
