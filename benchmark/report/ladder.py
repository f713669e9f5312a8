"""Share of the way against the budget: a line for each row, the best and the baseline in colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.figures.ladder_plot import ladders, named
from benchmark.leaderboard import Table
from benchmark.leaderboard.ladder import Step
from benchmark.leaderboard.text import readable
from benchmark.report import marks

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 44, 130, 14, 304
COLOURS = 8  # lines with a colour of their own, as the style sheet has them
NAME = 13  # of the height that a name takes


@dataclass(frozen=True)
class Ladder:
    """The chart and its table: label, and mean with interval at each budget."""

    drawing: Markup
    budgets: tuple[int, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]


def ladder(table: Table) -> Ladder | None:
    """Draw the ladder of a table; None where no row was scored at two budgets."""
    known = ladders(table)
    if not known:
        return None
    budgets = tuple(sorted({step.budget for own in known.values() for step in own}))
    top = max(1.0, max(step.mean.value or 0.0 for own in known.values() for step in own))
    colours = {label: at for at, label in enumerate(named(known, table.baseline, COLOURS))}
    pieces = [_axes(budgets, top)]
    pieces += [_grey(own, budgets, top) for label, own in known.items() if label not in colours]
    pieces += [_draw_line(known[label], at, budgets, top) for label, at in colours.items()]
    pieces += _names(known, colours, top)
    lines = tuple((readable(label), tuple(_text(own, budget) for budget in budgets)) for label, own in known.items())
    return Ladder(Markup("").join(pieces), budgets, lines)


def _place(step: Step, budgets: Sequence[int], top: float) -> marks.Point:
    return _x(step.budget, budgets), _y(step.mean.value or 0.0, top)


def _x(budget: int, budgets: Sequence[int]) -> float:
    low, high = math.log(budgets[0]), math.log(budgets[-1])
    return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(budget) - low) / ((high - low) or 1.0)


def _y(share: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(top, max(0.0, share)) / top


def _grey(own: Sequence[Step], budgets: Sequence[int], top: float) -> Markup:
    return Markup('<path class="ctx" d="{}"/>').format(marks.line([_place(step, budgets, top) for step in own]))


def _draw_line(own: Sequence[Step], at: int, budgets: Sequence[int], top: float) -> Markup:
    """Draw a line, and upright at each budget the interval of its mean."""
    bars = []
    for step in own:
        interval = step.mean.interval
        if interval is not None:
            x = _x(step.budget, budgets) + 1.5 * (at - COLOURS / 2)
            bars.append(f"M{x:.0f} {_y(interval.low, top):.0f}V{_y(interval.high, top):.0f}")
    line = marks.line([_place(step, budgets, top) for step in own])
    return Markup('<path class="l l{}" d="{}{}"/>').format(at, line, "".join(bars))


def _names(known: Mapping[str, Sequence[Step]], colours: Mapping[str, int], top: float) -> list[Markup]:
    """Write the names of coloured lines beside their ends, moved down where they would touch."""
    ends = sorted((_y(known[label][-1].mean.value or 0.0, top), label) for label in colours)
    pieces, last = [], -math.inf
    for y, label in ends:
        last = max(y, last + NAME)
        text = Markup('<text class="t{}" x="{}" y="{:.0f}">{}</text>')
        pieces.append(text.format(colours[label], WIDTH - RIGHT + 10, last + 4, readable(label, 18)))
    return pieces


def _axes(budgets: Sequence[int], top: float) -> Markup:
    text = Markup('<text class="ax" x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>')
    pieces = []
    for tenth in range(0, math.floor(top * 10) + 1, 2):
        y = _y(tenth / 10, top)
        pieces.append(Markup('<path class="grid" d="M{} {:.0f}H{}"/>').format(LEFT, y, WIDTH - RIGHT))
        pieces.append(text.format(LEFT - 6, y + 4, "end", f"{tenth / 10:g}"))
    pieces += [text.format(_x(budget, budgets), BOTTOM + 16, "middle", f"{budget:,}") for budget in budgets]
    pieces.append(text.format(WIDTH - RIGHT, HEIGHT - 4, "end", "gradient evaluations, logarithmic"))
    return Markup("").join(pieces)


def _text(own: Sequence[Step], budget: int) -> str:
    mean = next((step.mean for step in own if step.budget == budget), None)
    if mean is None or mean.value is None:
        return "–"
    return f"{mean.value:z.2f}" + ("" if mean.half_width is None else f" ± {mean.half_width:.2f}")
