"""Quality against cost: each row's mean share, or mean score, with its interval over its seconds."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from benchmark.leaderboard import Cell, Row, Table
from benchmark.leaderboard.cost import MEASURED, seconds_of
from benchmark.leaderboard.front import front
from benchmark.leaderboard.text import cell_text, heading, number, readable
from benchmark.report.scale import Scale, tick_text

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 28, 276
WIDE = 3.0  # ratio of seconds from which their axis is logarithmic
MARGIN = 0.06  # shares above and below the chart's; intervals that leave it end at its edge
LETTER = 7.6  # width of a name's letters, at most


@dataclass(frozen=True)
class CostChart:
    """The chart and its table: label, seconds, gradient evaluations, quality."""

    drawing: Markup
    summary: str
    lines: tuple[tuple[str, float, str, str, str], ...]
    front: tuple[str, ...]  # rows that no other beats in both
    source: str  # of the seconds
    quality: str  # what is drawn


def cost(table: Table) -> CostChart | None:
    """Draw shares, or the ranking metric without them, against seconds; None if fewer than two rows have both."""
    at = table.column(table.sort) if table.sort is not None else None
    if at is None:
        return None
    kept, shared = front(table), any(row.share is not None for row in table.rows)
    rows = sorted(table.rows, key=lambda row: row.label not in kept)  # those of the front are named first
    cells = {row.label: row.share if shared else row.cells[at] for row in rows}
    known = [
        (row, cell, seconds, value)
        for row in rows
        if (cell := cells[row.label]) is not None
        and (seconds := seconds_of(table, row)) is not None
        and (value := cell.mean.value) is not None
    ]
    if len(known) < 2:
        return None
    across = Scale.of([seconds for _, _, seconds, _ in known], wide=WIDE)
    values = [value for *_, value in known]
    ends = [end for _, cell, _, value in known for end in _ends(cell, value)]
    up = Scale(min(0.0, *values) - MARGIN, max(1.0, *values) + MARGIN) if shared else _upward(values, ends)
    name = "share (0 untrained, 1 oracle)" if shared else readable(heading(table.columns[at]))
    pieces = [_axes(across, up, name)]
    places = [(_x(across.place(seconds)), _y(up.place(value))) for _, _, seconds, value in known]
    taken = [(x - 5, x + 5, y + 4) for x, y in places]
    for (row, cell, _, value), (x, y) in zip(known, places, strict=True):
        low, high = (_y(up.place(end)) for end in _ends(cell, value))
        said = f"{readable(row.label)}: {_written(row, cell, shared=shared)}"
        pieces.append(Markup('<path class="err" d="M{:.0f} {:.0f}V{:.0f}"/>').format(x, low, high))
        dot = Markup('<circle{} cx="{:.0f}" cy="{:.0f}" r="4"><title>{}</title></circle>')
        pieces.append(dot.format(Markup(' class="front"') if row.label in kept else "", x, y, said))
        pieces.append(_name(readable(row.label, 24), x, y, taken))
    lines = tuple(
        (readable(row.label), seconds, number(seconds), _gradients(row), _written(row, cell, shared=shared))
        for row, cell, seconds, _ in sorted(known, key=lambda one: table.rows.index(one[0]))
    )
    return CostChart(
        Markup("").join(pieces),
        f"{name} against seconds per run, {len(known)} rows",
        lines,
        tuple(readable(label) for label in kept),
        MEASURED if table.costs else "those of the records, with whatever else the machine did meanwhile",
        name,
    )


def _upward(means: list[float], ends: list[float]) -> Scale:
    """Choose the axis by the means if they want a logarithmic one; intervals that leave it end at its edge."""
    scale = Scale.of(means)
    return scale if scale.logarithmic else Scale.of(ends)


def _mean(row: Row, name: str) -> float | None:
    found = row.compute.get(name)
    return None if found is None else found.value


def _gradients(row: Row) -> str:
    found = _mean(row, "gradient_evaluations")
    return "–" if found is None else f"{found:.0f}"


def _written(row: Row, cell: Cell, *, shared: bool) -> str:
    """Write a share to a hundredth, a score as tables do."""
    if not shared or cell.mean.value is None:
        return cell_text(cell, row.finished)
    half = cell.mean.half_width
    return f"{cell.mean.value:z.2f}" + ("" if half is None else f" ± {half:.2f}")


def _ends(cell: Cell, value: float) -> tuple[float, float]:
    interval = cell.mean.interval
    return (value, value) if interval is None else (interval.low, interval.high)


def _x(place: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * place


def _y(place: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * place


def _name(label: str, x: float, y: float, taken: list[tuple[float, float, float]]) -> Markup:
    """Write a name next to its point, without overlapping other names."""
    width = LETTER * len(label)
    for dx, dy, anchor in ((8, 4, "start"), (-8, 4, "end"), (8, -8, "start"), (8, 16, "start"), (-8, -8, "end")):
        left = x + dx if anchor == "start" else x + dx - width
        free = all(abs(y + dy - top) > 12 or left > end or left + width < start for start, end, top in taken)
        if free and left >= LEFT and left + width <= WIDTH - RIGHT and TOP <= y + dy <= BOTTOM - 4:
            taken.append((left, left + width, y + dy))
            return Markup('<text x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>').format(
                x + dx, y + dy, anchor, label
            )
    return Markup("")


def _axes(across: Scale, up: Scale, name: str) -> Markup:
    pieces = [_text(4, 10, "start", name + (", logarithmic" if up.logarithmic else ""), "ax")]
    for tick in up.ticks(5):
        y = _y(up.place(tick))
        pieces += [_line(f"M{LEFT} {y:.0f}H{WIDTH - RIGHT}"), _text(LEFT - 6, y + 4, "end", tick_text(tick), "ax")]
    for tick in across.ticks(6):
        x = _x(across.place(tick))
        pieces += [_line(f"M{x:.0f} {TOP}V{BOTTOM}"), _text(x, BOTTOM + 16, "middle", tick_text(tick), "ax")]
    scale = ", logarithmic" if across.logarithmic else ""
    pieces += [_line(f"M{LEFT} {BOTTOM}H{WIDTH - RIGHT}", "axis")]
    pieces += [_text(WIDTH - RIGHT, HEIGHT - 8, "end", f"seconds per run{scale}", "ax")]
    return Markup("").join(pieces)


def _line(path: str, kind: str = "grid") -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(kind, path)


def _text(x: float, y: float, anchor: str, content: str, kind: str = "name") -> Markup:
    text = Markup('<text class="{}" x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>')
    return text.format(kind, x, y, anchor, content)
