"""The top of the page: the conclusion in words, the heat map, and how far the problems agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.colors import to_hex

from benchmark.figures import HeatMap, heat_maps
from benchmark.figures.heat_map import HeatCell
from benchmark.figures.style import DARK, LIGHT
from benchmark.leaderboard import Ranking, Table
from benchmark.leaderboard.agreement import agreement_sentence, agreement_text, agreements
from benchmark.leaderboard.conclusion import conclusion

LEVELS = 20  # of a share's colour, as the style sheet has them


@dataclass(frozen=True)
class HeatText:
    """A cell of the heat map: the level of its colour, its number, and how many runs failed."""

    level: int
    text: str
    failed: int
    title: str


@dataclass(frozen=True)
class HeatLine:
    """A row of the heat map; None where it did not run."""

    label: str
    control: bool
    cells: tuple[HeatText | None, ...]


@dataclass(frozen=True)
class Headline:
    """The opening of a track."""

    track: str
    sentences: tuple[str, ...]
    problems: tuple[str, ...]
    lines: tuple[HeatLine, ...]


@dataclass(frozen=True)
class Agreements:
    """A small matrix: tables by tables, tau with its interval, and the sentence that sums it up."""

    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    sentence: str


def headlines(tables: Sequence[Table], ranked: Sequence[Ranking]) -> list[Headline]:
    """Return the opening of each track that has an order or a map."""
    maps = {found.track: found for found in heat_maps(tables, ranked)}
    found = []
    for ranking in ranked:
        sentences = tuple(conclusion(tables, ranking))
        if sentences or ranking.track in maps:
            problems, lines = _map(maps.get(ranking.track))
            found.append(Headline(ranking.track or "no", sentences, problems, lines))
    return found


def _map(found: HeatMap | None) -> tuple[tuple[str, ...], tuple[HeatLine, ...]]:
    if found is None:
        return (), ()
    several = len(found.problems) > 1
    lines = []
    for row in found.rows:
        mean = [None if row.mean is None else _text(HeatCell(row.mean, 0, 0))] if several else []
        cells = [None if cell is None else _text(cell) for cell in row.cells]
        lines.append(HeatLine(row.label, row.control, (*mean, *cells)))
    return (*(["all problems"] if several else []), *found.problems), tuple(lines)


def _text(cell: HeatCell) -> HeatText:
    level = round(LEVELS * min(1.0, max(0.0, cell.share)))
    title = f"{cell.failed} of {cell.runs} runs failed" if cell.failed else ""
    return HeatText(level, f"{100 * cell.share:.0f}", cell.failed, title)


def heat_styles() -> str:
    """Return the colours of the heat map's levels, on light and dark backgrounds, the same as in the figures."""
    light, dark = (
        {
            f".h{level}": f"background: {to_hex(colour)}; color: {theme.on(colour)};"
            for level in range(LEVELS + 1)
            for colour in [theme.shares(level / LEVELS)]
        }
        for theme in (LIGHT, DARK)
    )
    asked = " ".join(f':root:not([data-theme="light"]) {name} {{ {rule} }}' for name, rule in dark.items())
    chosen = " ".join(f':root[data-theme="dark"] {name} {{ {rule} }}' for name, rule in dark.items())
    plain = " ".join(f"{name} {{ {rule} }}" for name, rule in light.items())
    return f"{plain}\n@media (prefers-color-scheme: dark) {{ {asked} }}\n{chosen}"


def agreement_matrix(tables: Sequence[Table]) -> Agreements | None:
    """Return the matrix of the tables that have shares; None where no two share five objectives."""
    known = [table for table in tables if table.way is not None]
    pairs = agreements(known)
    found = {(one.first, one.second): agreement_text(one.tau) for one in pairs}
    sentence = agreement_sentence(known, pairs)
    if not found or sentence is None:
        return None
    tracks = len({table.track for table in known}) > 1
    names = tuple(table.caption if tracks else table.problem for table in known)
    size = range(len(known))
    cells = tuple(tuple("" if a == b else found.get((min(a, b), max(a, b)), "–") for b in size) for a in size)
    return Agreements(names, cells, sentence)
