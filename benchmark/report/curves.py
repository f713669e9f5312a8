"""Training curves, a small chart for each row: its median and range over seeds, the other medians behind it.

They run over gradient evaluations, the unit of the budget: rows of one table end at one place, whatever an iteration
of theirs costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from benchmark.leaderboard import median_curve
from benchmark.leaderboard.curves import CurvePoint
from benchmark.leaderboard.text import number, readable
from benchmark.report import marks
from benchmark.report.gather import Material, Section
from benchmark.report.scale import Scale, tick_text
from benchmark.store import Record

WIDTH, HEIGHT = 220, 120
LEFT, TOP, BOTTOM = 36, 6, 104  # of the field in which lines are drawn; labels stand outside it
TABLE_POINTS, FEW_POINTS = 5, 2
LOSSES = ("generator_loss", "critic_loss")
MEANINGS = {
    "generator_loss": "the generator's own loss; its size means nothing across objectives",
    "critic_loss": "the critic's own loss; its size means nothing across objectives",
}


@dataclass(frozen=True)
class MedianLine:
    """A row's median curve: its points by iteration, and the gradient evaluations that one iteration takes."""

    points: Sequence[CurvePoint]
    cost: float

    def spent(self, point: CurvePoint) -> float:
        """Return the gradient evaluations that were spent at a point."""
        return point.iteration * self.cost


@dataclass(frozen=True)
class Panel:
    """One row's chart."""

    label: str
    drawing: Markup
    summary: str  # for those who do not see it


@dataclass(frozen=True)
class Chart:
    """All rows' charts of one measured value on the same axes, and their table."""

    name: str
    meaning: str
    context: Markup  # every row's median, drawn once
    panels: tuple[Panel, ...]
    spent: tuple[int, ...]  # gradient evaluations that head the table's columns
    lines: tuple[tuple[str, tuple[tuple[float | None, str], ...]], ...]  # label, and value and text by column
    logarithmic: bool


def charts(material: Material, section: Section) -> list[Chart]:
    """Draw the ranking metric along training where it was watched, then the losses; of a large page only one chart."""
    sort = section.table.sort
    names = [*([sort] if sort else []), *LOSSES]
    found: dict[str, dict[str, MedianLine]] = {name: {} for name in names}
    for row in section.table.rows:
        for name, line in _medians(material, row.records, names):
            found[name][row.label] = line
    columns = TABLE_POINTS if material.full else FEW_POINTS
    drawn = [_chart(section.number, name, lines, columns) for name, lines in found.items() if lines]
    return drawn if material.full else drawn[:1]


def _medians(material: Material, members: Sequence[Record], names: Sequence[str]) -> Iterable[tuple[str, MedianLine]]:
    """Return a row's median curves; of a large page only the points at which metrics were watched are read."""
    runs = [record for record in members if record.kind == "objective"]
    cost = next(filter(None, map(_cost, runs)), None)
    if cost is None:
        return  # a curve of unknown place would be drawn in a wrong one
    every = 2 if material.full else 10
    curves = [material.kept.curve(record, names[:-2], every) for record in runs]
    for name in names:
        points = median_curve(curves, name)
        if points:
            yield name, MedianLine(points, cost)


def _cost(record: Record) -> float | None:
    """Return the gradient evaluations of one iteration of a run; None where its record does not tell them."""
    total, iterations = record.compute.get("gradient_evaluations"), record.identity.get("iterations")
    if not isinstance(total, int | float) or not isinstance(iterations, int) or min(total, iterations) <= 0:
        return None
    return total / iterations


def _chart(section: int, name: str, lines: Mapping[str, MedianLine], columns: int) -> Chart:
    everything = [value for line in lines.values() for point in line.points for value in (point.low, point.high)]
    scale = Scale.of(everything)
    last = max(line.spent(line.points[-1]) for line in lines.values())
    paths = {label: _path(line, scale, last) for label, line in lines.items()}
    identity = f"c{section}-{name.replace(' ', '-')}" if name.isidentifier() else f"c{section}"
    context = Markup('<symbol id="{}" viewBox="0 0 {} {}"><path d="{}"/>{}</symbol>').format(
        identity, WIDTH, HEIGHT, "".join(paths.values()), _axis(scale, last)
    )
    panels = tuple(_panel(label, line, scale, last, identity) for label, line in lines.items())
    ends = tuple(dict.fromkeys(ceil(last * (at + 1) / columns) for at in range(columns)))
    table = tuple((readable(label), _values(line, ends)) for label, line in lines.items())
    return Chart(readable(name), MEANINGS.get(name, ""), context, panels, ends, table, scale.logarithmic)


def _panel(label: str, line: MedianLine, scale: Scale, last: float, context: str) -> Panel:
    low = [_at(line.spent(point), point.low, scale, last) for point in line.points]
    high = [_at(line.spent(point), point.high, scale, last) for point in line.points]
    drawing = Markup('<use href="#{}" class="ctx"/><path class="band" d="{}"/><path class="line" d="{}"/>').format(
        context, marks.band(low, high), _path(line, scale, last)
    )
    end = line.points[-1]
    summary = f"{number(end.middle)} at the end (median of {end.n}, range {number(end.low)} to {number(end.high)})"
    return Panel(readable(label), drawing, summary)


def _axis(scale: Scale, last: float) -> Markup:
    """Draw the lines of round values with their labels next to the field, and the budget's end below it."""
    pieces = []
    for tick in _ticks(scale):
        y = round(_at(0, tick, scale, last)[1])
        pieces.append(
            Markup(
                '<path class="grid" d="M{} {}H{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(LEFT, y, WIDTH, LEFT - 4, y + 3, tick_text(tick))
        )
    foot = Markup('<path class="axis" d="M{} {}H{}"/><text class="tick" x="{}" y="{}">0</text>').format(
        LEFT, BOTTOM, WIDTH, LEFT, HEIGHT - 4
    )
    end = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{} gradient evaluations</text>').format(
        WIDTH - 2, HEIGHT - 4, f"{last:.0f}"
    )
    return Markup("").join([*pieces, foot, end])


def _ticks(scale: Scale) -> list[float]:
    """Choose round values inside the field, two or more where there are so many: one alone gives no scale."""
    few, more = ([tick for tick in scale.ticks(count) if 0 < scale.place(tick) < 1] for count in (3, 6))
    return few if len(few) > 1 else more


def _at(spent: float, value: float, scale: Scale, last: float) -> marks.Point:
    return LEFT + (WIDTH - LEFT - 2) * spent / max(1, last), BOTTOM - (BOTTOM - TOP) * scale.place(value)


def _path(line: MedianLine, scale: Scale, last: float) -> str:
    return marks.line([_at(line.spent(point), point.middle, scale, last) for point in line.points])


def _values(line: MedianLine, ends: Sequence[int]) -> tuple[tuple[float | None, str], ...]:
    """Return the last value within each column: rows that pay more for an iteration are measured at other places."""
    windows = zip((-1, *ends), ends, strict=False)
    return tuple(_cell([point for point in line.points if low < line.spent(point) <= high]) for low, high in windows)


def _cell(points: Sequence[CurvePoint]) -> tuple[float | None, str]:
    if not points:
        return None, "–"
    last = points[-1]
    return last.middle, f"{number(last.middle)} [{number(last.low)}, {number(last.high)}]"
