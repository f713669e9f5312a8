"""All figures of a results directory, written into a folder as SVG and PNG."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from benchmark.figures.heat_map import draw_heat_map, heat_maps
from benchmark.figures.ladder_plot import draw_ladder
from benchmark.figures.mode_plot import draw_modes
from benchmark.figures.sheets import draw_samples
from benchmark.figures.style import Theme, encode
from benchmark.figures.sweep_plot import draw_sweeps
from benchmark.leaderboard import Table, rankings, tables
from benchmark.store import Kept, Record, write_atomically

FORMS = ("svg", "png")


@dataclass(frozen=True)
class Drawing:
    """A figure, the name of its file and its title."""

    name: str
    title: str
    figure: Figure


def _heat(built: Sequence[Table], kept: Kept, theme: Theme) -> Iterator[Drawing]:
    for found in heat_maps(built, rankings(built)):
        track = found.track or "no"
        title = f"Share from untrained to oracle, {track} track"
        yield Drawing(f"heat-{track}", title, draw_heat_map(found, theme))


def _ladder(built: Sequence[Table], kept: Kept, theme: Theme) -> Iterator[Drawing]:
    for track in dict.fromkeys(table.track for table in built):
        figure = draw_ladder([table for table in built if table.track == track], theme)
        if figure is not None:
            yield Drawing(f"ladder-{track or 'no'}", f"Share against the budget, {track or 'no'} track", figure)


def _modes(built: Sequence[Table], kept: Kept, theme: Theme) -> Iterator[Drawing]:
    for table in built:
        figure = draw_modes(table, kept, theme)
        if figure is not None:
            yield Drawing(f"modes-{file_name(table)}", f"Modes drawn, {table.caption}", figure)


def _samples(built: Sequence[Table], kept: Kept, theme: Theme) -> Iterator[Drawing]:
    for table in built:
        figure = draw_samples(table, kept, theme)
        if figure is not None:
            yield Drawing(f"samples-{file_name(table)}", f"Samples, {table.caption}", figure)


def _sweep(built: Sequence[Table], kept: Kept, theme: Theme) -> Iterator[Drawing]:
    for table in built:
        figure = draw_sweeps(table, theme)
        if figure is not None:
            yield Drawing(f"sweep-{file_name(table)}", f"Score against a setting, {table.caption}", figure)


FIGURES: dict[str, Callable[[Sequence[Table], Kept, Theme], Iterator[Drawing]]] = {
    "heat": _heat,
    "ladder": _ladder,
    "modes": _modes,
    "samples": _samples,
    "sweep": _sweep,
}
WANTS = {
    "heat": "a table with the controls untrained and oracle",
    "ladder": "records with rungs of their budget and the controls untrained and oracle",
    "modes": "stored two-dimensional samples, and a true distribution with separate modes",
    "samples": "stored samples",
    "sweep": "rows that differ in only one setting, with at least three values",
}


def write_figures(
    records: Sequence[Record], kept: Kept, folder: Path, kinds: Sequence[str], theme: Theme
) -> dict[str, list[Path]]:
    """Write figures of records, each as SVG and as PNG, and return the files of each kind; none where none is there.

    Samples are read from `kept`. Figures on a dark background have `-dark` in their names.
    """
    built = tables(records)
    written: dict[str, list[Path]] = {}
    for kind in kinds:
        files = []
        for drawing in FIGURES[kind](built, kept, theme):
            for form in FORMS:
                path = folder / f"{drawing.name}{theme.suffix}.{form}"
                write_atomically(path, encode(drawing.figure, form, drawing.title))
                files.append(path)
        written[kind] = files
    return written


def file_name(table: Table) -> str:
    """Return a table's caption as a file may be called."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", table.caption).strip("-.").removesuffix("-track")[:80] or "table"
