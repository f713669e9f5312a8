"""Score against the value of a setting that was swept: every run a dot, the mean over seeds with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.leaderboard import Cell, Sweep, Table, sweep_text, sweeps
from benchmark.leaderboard.text import cell_text, heading, readable
from benchmark.report import marks
from benchmark.report.scale import Scale, tick_text

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 28, 258
INSET = 0.04  # of the width, between the axis and the outermost values
Points = Sequence[tuple[float, Cell, int]]  # value, score, finished runs


@dataclass(frozen=True)
class SweepChart:
    """The chart, what it shows in words, and its table: value and score."""

    name: str
    setting: str
    metric: str
    drawing: Markup
    said: str
    lines: tuple[tuple[str, str], ...]


def sweep_charts(table: Table) -> list[SweepChart]:
    """Draw each sweep in a table by the metric that orders it; none where no run has that score."""
    at = table.column(table.sort) if table.sort is not None else None
    if at is None:
        return []
    metric = readable(heading(table.columns[at]))
    charts = []
    for sweep in sweeps(table):
        points = [(value, row.cells[at], row.finished) for value, row in sweep.points]
        scores = [score for _, cell, _ in points for score in cell.values.values()]
        if not scores:
            continue
        up = Scale.of([*scores, *(end for _, cell, _ in points for end in _ends(cell))], may_be_logarithmic=False)
        drawing = Markup("").join([_axes(sweep, metric, up), *_marks(sweep, points, up)])
        lines = tuple((f"{value:g}", cell_text(cell, finished)) for value, cell, finished in points)
        setting = readable(sweep.setting)
        charts.append(SweepChart(readable(sweep.game), setting, metric, drawing, sweep_text(table, sweep), lines))
    return charts


def _ends(cell: Cell) -> tuple[float, ...]:
    interval = cell.mean.interval
    return () if interval is None else (interval.low, interval.high)


def _marks(sweep: Sweep, points: Points, up: Scale) -> list[Markup]:
    """Draw the runs as dots, the intervals upright, and a line through the means."""
    dots = [(_x(sweep, value), _y(up, score)) for value, cell, _ in points for score in cell.values.values()]
    bars, means, discs = [], [], []
    for value, cell, finished in points:
        if cell.mean.value is None:
            continue
        x, y = _x(sweep, value), _y(up, cell.mean.value)
        if cell.mean.interval is not None:
            bars.append("M{:.0f} {:.0f}V{:.0f}".format(x, *(_y(up, end) for end in _ends(cell))))
        means.append((x, y))
        said = f"{sweep.setting} = {value:g}: {cell_text(cell, finished)}"
        disc = Markup('<circle cx="{:.0f}" cy="{:.0f}" r="4"><title>{}</title></circle>')
        discs.append(disc.format(x, y, readable(said)))
    return [
        Markup('<path class="runs" d="{}"/>').format(marks.dots(dots)),
        Markup('<path class="err" d="{}"/>').format("".join(bars)),
        Markup('<path class="line" d="{}"/>').format(marks.line(means)),
        *discs,
    ]


def _x(sweep: Sweep, value: float) -> float:
    low, high = sweep.points[0][0], sweep.points[-1][0]
    if sweep.logarithmic:
        low, high, value = math.log(low), math.log(high), math.log(value)
    room = WIDTH - LEFT - RIGHT
    return LEFT + room * (INSET + (1 - 2 * INSET) * (value - low) / (high - low))


def _y(up: Scale, value: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * up.place(value)


def _axes(sweep: Sweep, metric: str, up: Scale) -> Markup:
    text = Markup('<text class="ax" x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>')
    pieces = [text.format(4, 10, "start", metric)]
    for tick in up.ticks(5):
        y = _y(up, tick)
        pieces.append(Markup('<path class="grid" d="M{} {:.0f}H{}"/>').format(LEFT, y, WIDTH - RIGHT))
        pieces.append(text.format(LEFT - 6, y + 4, "end", tick_text(tick)))
    pieces.append(Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, BOTTOM, WIDTH - RIGHT))
    last = -math.inf
    for value, _ in sweep.points:
        x, label = _x(sweep, value), f"{value:g}"
        if x - last > 7 * len(label) + 6:  # a label that would overlap the previous one is left out; the table has all
            pieces.append(text.format(x, BOTTOM + 16, "middle", label))
            last = x
    scale = ", logarithmic" if sweep.logarithmic else ""
    pieces.append(text.format(WIDTH - RIGHT, HEIGHT - 6, "end", f"{readable(sweep.setting)}{scale}"))
    return Markup("").join(pieces)
