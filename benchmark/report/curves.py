"""Training curves, a small chart for each row: its median and range over seeds, the other medians behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.leaderboard import median_curve
from benchmark.leaderboard.curves import Point
from benchmark.leaderboard.text import number, readable
from benchmark.report import marks
from benchmark.report.gather import Material, Section, curve_of
from benchmark.report.scale import Scale, tick_text
from benchmark.store import Record

WIDTH, HEIGHT = 220, 120
LEFT, BOTTOM = 4, 104  # of the field in which lines are drawn; labels stand inside it
TABLE_POINTS = 6
LOSSES = ("generator_loss", "critic_loss")
MEANINGS = {
    "generator_loss": "the generator's own loss; its size means nothing across objectives",
    "critic_loss": "the critic's own loss; its size means nothing across objectives",
}


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
    iterations: tuple[int, ...]
    lines: tuple[tuple[str, tuple[tuple[float | None, str], ...]], ...]  # label, and value and text by iteration
    logarithmic: bool


def charts(material: Material, section: Section) -> list[Chart]:
    """Draw the ranking metric along training where it was watched, then the losses; of a large page only one chart."""
    sort = section.table.sort
    names = [*([sort] if sort else []), *LOSSES]
    found: dict[str, dict[str, list[Point]]] = {name: {} for name in names}
    for row in section.table.rows:
        for name, points in _medians(material, section.members.get(row.label, ()), names):
            found[name][row.label] = points
    table_points = TABLE_POINTS if material.full else 3
    drawn = [_chart(section.number, name, lines, table_points) for name, lines in found.items() if lines]
    return drawn if material.full else drawn[:1]


def _medians(material: Material, members: Sequence[Record], names: Sequence[str]) -> Iterable[tuple[str, list[Point]]]:
    """Give a row's median curves; of a large page only the points at which metrics were watched are read."""
    runs = [record for record in members if record.kind == "objective"]
    every = 2 if material.full else 10
    curves = [curve_of(material.root, record, names[:-2], every) for record in runs]
    for name in names:
        points = median_curve(curves, name)
        if points:
            yield name, points


def _chart(section: int, name: str, lines: Mapping[str, Sequence[Point]], table_points: int) -> Chart:
    everything = [value for points in lines.values() for point in points for value in (point.low, point.high)]
    scale = Scale.of(everything)
    last = max(point.iteration for points in lines.values() for point in points)
    paths = {label: _line(points, scale, last) for label, points in lines.items()}
    identity = f"c{section}-{name.replace(' ', '-')}" if name.isidentifier() else f"c{section}"
    context = Markup('<symbol id="{}" viewBox="0 0 {} {}"><path d="{}"/>{}</symbol>').format(
        identity, WIDTH, HEIGHT, "".join(paths.values()), _axis(scale, last)
    )
    panels = tuple(_panel(label, points, scale, last, identity) for label, points in lines.items())
    kept = _kept(sorted({point.iteration for points in lines.values() for point in points}), table_points)
    table = tuple((readable(label), _values(points, kept)) for label, points in lines.items())
    return Chart(readable(name), MEANINGS.get(name, ""), context, panels, kept, table, scale.logarithmic)


def _panel(label: str, points: Sequence[Point], scale: Scale, last: int, context: str) -> Panel:
    low = [_at(point.iteration, point.low, scale, last) for point in points]
    high = [_at(point.iteration, point.high, scale, last) for point in points]
    drawing = Markup('<use href="#{}" class="ctx"/><path class="band" d="{}"/><path class="line" d="{}"/>').format(
        context, marks.band(low, high), _line(points, scale, last)
    )
    end = points[-1]
    summary = f"{number(end.middle)} at the end (median of {end.n}, range {number(end.low)} to {number(end.high)})"
    return Panel(readable(label), drawing, summary)


def _axis(scale: Scale, last: int) -> Markup:
    """Draw the lines of round values with their labels, and the last iteration."""
    pieces = []
    for tick in scale.ticks(3):
        y = round(_at(0, tick, scale, last)[1])
        if 10 <= y <= BOTTOM:
            pieces.append(
                Markup('<path class="grid" d="M{} {}H{}"/><text class="tick" x="{}" y="{}">{}</text>').format(
                    LEFT, y, WIDTH, LEFT + 1, y - 2, tick_text(tick)
                )
            )
    foot = Markup('<path class="axis" d="M{} {}H{}"/><text class="tick" x="{}" y="{}">0</text>').format(
        LEFT, BOTTOM, WIDTH, LEFT + 1, HEIGHT - 4
    )
    end = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{} iterations</text>').format(
        WIDTH - 2, HEIGHT - 4, last
    )
    return Markup("").join([*pieces, foot, end])


def _at(iteration: int, value: float, scale: Scale, last: int) -> marks.Point:
    return LEFT + (WIDTH - LEFT - 2) * iteration / max(1, last), BOTTOM - (BOTTOM - 4) * scale.place(value)


def _line(points: Sequence[Point], scale: Scale, last: int) -> str:
    return marks.line([_at(point.iteration, point.middle, scale, last) for point in points])


def _kept(iterations: Sequence[int], count: int) -> tuple[int, ...]:
    """Choose a few iterations for the table, the last one included."""
    step = max(1, -(-len(iterations) // count))
    return tuple(reversed(iterations[::-1][::step]))


def _values(points: Sequence[Point], kept: Sequence[int]) -> tuple[tuple[float | None, str], ...]:
    by_iteration = {point.iteration: point for point in points}
    return tuple(
        (point.middle, f"{number(point.middle)} [{number(point.low)}, {number(point.high)}]")
        if (point := by_iteration.get(at))
        else (None, "–")
        for at in kept
    )
