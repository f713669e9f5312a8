"""Objectives x problems: the share of the way from untrained to oracle, on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from benchmark.figures.style import Theme, new_figure, paint, settings
from benchmark.leaderboard import Ranking, Table
from benchmark.leaderboard.share import ORACLE, UNTRAINED
from benchmark.leaderboard.text import readable

CELL, HIGH = 0.33, 0.42  # inches
LABELS, TITLES = 1.15, 1.3  # inches for the names of objectives below and of problems at the left
NARROWEST = 6.4  # inches that the sentence above the map takes
MOST_ROWS = 60  # of a sheet that is still read
GAP = 0.4  # cells between objectives and controls, and between the mean and the problems

LONGEST_LABEL = 24  # signs; what is longer would leave the map no room


@dataclass(frozen=True)
class HeatCell:
    """A row on a problem: its mean share, failed runs 0, how many failed and of how many."""

    share: float
    failed: int
    runs: int


@dataclass(frozen=True)
class HeatRow:
    """A row on every problem, None where it did not run, and the mean where it ran on all of them."""

    label: str
    control: bool
    cells: tuple[HeatCell | None, ...]

    @property
    def mean(self) -> float | None:
        """The plain mean share over problems."""
        shares = [cell.share for cell in self.cells if cell is not None]
        return math.fsum(shares) / len(shares) if shares and len(shares) == len(self.cells) else None


@dataclass(frozen=True)
class HeatMap:
    """The rows of a track, objectives from the best mean share down and then controls, and what heads the columns."""

    track: str | None
    problems: tuple[str, ...]
    rows: tuple[HeatRow, ...]

    @property
    def objectives(self) -> tuple[HeatRow, ...]:
        """The rows that are not controls."""
        return tuple(row for row in self.rows if not row.control)


def heat_maps(tables: Sequence[Table], ranked: Sequence[Ranking]) -> list[HeatMap]:
    """Return a map for each track that has a table with a way from untrained to oracle."""
    found = []
    for ranking in ranked:
        chosen = [t for t in tables if f"{t.caption}: {t.sort}" in ranking.tables and t.way is not None]
        if chosen:
            found.append(_heat_map(ranking.track, chosen))
    return found


def _heat_map(track: str | None, tables: Sequence[Table]) -> HeatMap:
    ends = (ORACLE, UNTRAINED)  # 1 and 0 by definition
    labels = dict.fromkeys(row.label for table in tables for row in table.rows if row.label not in ends)
    rows = [_heat_row(label, tables) for label in labels]
    problems = tuple(readable(table.problem, LONGEST_LABEL) for table in tables)
    return HeatMap(track, problems, tuple(sorted(rows, key=_place)))


def _heat_row(label: str, tables: Sequence[Table]) -> HeatRow:
    found = [table.row(label) for table in tables]
    cells = []
    for row in found:
        value = None if row is None or row.share is None else row.share.mean.value
        cells.append(None if row is None or value is None else HeatCell(value, row.runs - row.finished, row.runs))
    return HeatRow(readable(label, LONGEST_LABEL), any(row is not None and row.control for row in found), tuple(cells))


def _place(row: HeatRow) -> tuple[bool, bool, float, str]:
    shares = [cell.share for cell in row.cells if cell is not None]
    mean = math.fsum(shares) / len(shares) if shares else 0.0
    return row.control, row.mean is None, -mean, row.label


def draw_heat_map(found: HeatMap, theme: Theme) -> Figure:
    """Draw a map: a column for each row, the mean over problems above them."""
    kept = _kept(found)
    several = len(found.problems) > 1
    first = 1 + GAP if several else 0.0  # where the problems begin, below the mean
    height, columns = first + len(found.problems), _columns(kept)
    width = columns[-1] + 1
    with settings():
        figure = new_figure(theme, max(NARROWEST, TITLES + CELL * width + 0.1), LABELS + HIGH * height + 0.45)
        axes = paint(figure.add_subplot(), theme, frame=False)
        for row, x in zip(kept, columns, strict=True):
            if several and row.mean is not None:
                _draw_cell(axes, theme, (x, 0.0), HeatCell(row.mean, 0, 0), strong=True)
            for at, cell in enumerate(row.cells):
                if cell is not None:
                    _draw_cell(axes, theme, (x, first + at), cell)
        axes.set_xlim(-0.05, width + 0.05)
        axes.set_ylim(height + 0.02, -0.05)
        lines = [*([0.0] if several else []), *(first + at for at in range(len(found.problems)))]
        _name_lines(axes, theme, kept, columns, [*(["all problems"] if several else []), *found.problems], lines)
        axes.set_title(_title(found, kept), loc="left", color=theme.soft, fontsize=8.5)
    return figure


def _name_lines(
    axes: Axes,
    theme: Theme,
    kept: Sequence[HeatRow],
    columns: Sequence[float],
    names: Sequence[str],
    lines: Sequence[float],
) -> None:
    """Write the names of rows below their columns, controls in grey, and those of problems at the left."""
    labels = [row.label for row in kept]
    axes.set_xticks([x + 0.5 for x in columns], labels, rotation=55, ha="right", rotation_mode="anchor")
    axes.set_yticks([y + 0.5 for y in lines], list(names))
    axes.tick_params(length=0)
    for label, row in zip(axes.get_xticklabels(), kept, strict=True):
        label.set_color(theme.soft if row.control else theme.ink)


def _kept(found: HeatMap) -> list[HeatRow]:
    """Return the rows that fit: the best objectives, and all controls."""
    controls = [row for row in found.rows if row.control]
    return [*found.objectives[: max(1, MOST_ROWS - len(controls))], *controls]


def _columns(rows: Sequence[HeatRow]) -> list[float]:
    """Return where each row's cells begin; controls are set apart."""
    return [at + (GAP if row.control and not rows[0].control else 0.0) for at, row in enumerate(rows)]


def _draw_cell(axes: Axes, theme: Theme, at: tuple[float, float], cell: HeatCell, *, strong: bool = False) -> None:
    """Draw a share in its colour with its number, and below it how many runs failed."""
    x, y = at
    colour = theme.shares(min(1.0, max(0.0, cell.share)))
    ink = theme.on(colour)
    axes.add_patch(Rectangle((x + 0.03, y + 0.03), 0.94, 0.94, facecolor=colour, edgecolor="none"))
    style: Any = {"ha": "center", "va": "center", "weight": "bold" if strong else "normal"}
    middle = y + (0.4 if cell.failed else 0.52)
    axes.text(x + 0.5, middle, f"{100 * cell.share:.0f}", color=ink, fontsize=8, **style)
    if cell.failed:
        axes.text(x + 0.5, y + 0.78, f"×{cell.failed}", color=ink, fontsize=6, **style)


def _title(found: HeatMap, kept: Sequence[HeatRow]) -> str:
    said = "Share from untrained (0) to oracle (100), mean over seeds"
    failed = any(cell is not None and cell.failed for row in kept for cell in row.cells)
    more = len(found.rows) - len(kept)
    return said + ("; ×n: n runs failed and count as 0" if failed else "") + (f"; {more} more rows" if more else "")
