"""Which modes of the truth a generator reaches, and how often: circles with the share as area, and their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from numpy.typing import NDArray

from benchmark.figures.modes import ModePlaces, describe_shares, modes_of
from benchmark.leaderboard import Table
from benchmark.leaderboard.text import readable

Array = NDArray[Any]
ROOM = 200  # of a map, in its own units


@dataclass(frozen=True)
class ModeMap:
    """Each row's map and the shares behind it: in percent, by mode, and elsewhere."""

    count: int
    rings: Markup  # of a fair share, drawn once
    panels: tuple[tuple[str, Markup, str], ...]  # row, drawing, what it shows in words
    lines: tuple[tuple[str, tuple[float, ...]], ...]


def mode_map(table: Table, truth: Sequence[Array], chosen: Mapping[str, Array], identity: str) -> ModeMap | None:
    """Draw the maps of a table's rows, the rings once under an identity; None where modes are not well apart."""
    modes = modes_of(table, truth)
    if modes is None:
        return None
    found = {label: modes.shares(samples) for label, samples in chosen.items()}
    rings = Markup('<symbol id="{}" viewBox="0 0 {} {}">{}</symbol>').format(identity, ROOM, ROOM, _rings(modes))
    panels = tuple(
        (readable(label), _discs(modes, own, identity), describe_shares(own)) for label, own in found.items()
    )
    lines = tuple((readable(label), tuple(float(100 * share) for share in own)) for label, own in found.items())
    return ModeMap(len(modes.centres), rings, panels, lines)


def _rings(modes: ModePlaces) -> Markup:
    """Draw a ring for each mode's fair share."""
    _, size = modes.frame()
    fair = modes.radius(1 / len(modes.centres)) / size * ROOM
    circle = Markup('<circle class="fair" cx="{:.0f}" cy="{:.0f}" r="{:.1f}"/>')
    return Markup("").join(circle.format(x, y, fair) for x, y in _places(modes))


def _discs(modes: ModePlaces, own: Array, identity: str) -> Markup:
    """Draw a disc for each mode that has any sample, over the rings."""
    _, size = modes.frame()
    circle = Markup('<circle cx="{:.0f}" cy="{:.0f}" r="{:.1f}"/>')
    discs = (
        circle.format(x, y, modes.radius(share) / size * ROOM)
        for (x, y), share in zip(_places(modes), own[:-1], strict=True)
        if share > 0
    )
    return Markup('<use href="#{}"/><g class="has">{}</g>').format(identity, Markup("").join(discs))


def _places(modes: ModePlaces) -> Array:
    """Return where each mode is in a picture; up is up."""
    corner, size = modes.frame()
    places: Array = (modes.centres - corner) / size * ROOM
    places[:, 1] = ROOM - places[:, 1]
    return places
