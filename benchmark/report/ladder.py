"""Share of the way, and place by it, against the budget: a line for each row, the best and the baseline in colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.figures.ladder_plot import ladders
from benchmark.leaderboard import Table
from benchmark.leaderboard.ladder import Step, places
from benchmark.leaderboard.text import readable
from benchmark.report import marks

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 44, 130, 14, 304
COLOURS = 8  # lines with a colour of their own, as the style sheet has them
NAME = 13  # of the height that a name takes


@dataclass(frozen=True)
class Ladder:
    """The charts and their table: label, and mean with interval at each budget."""

    shares: Markup
    places: Markup
    budgets: tuple[int, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Panel:
    """A chart over the budgets, between the values at its bottom and its top."""

    budgets: tuple[int, ...]
    bottom: float
    top: float

    def x(self, budget: int) -> float:
        """Return the place of a budget, on a logarithmic axis."""
        low, high = math.log(self.budgets[0]), math.log(self.budgets[-1])
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(budget) - low) / ((high - low) or 1.0)

    def y(self, value: float) -> float:
        """Return the height of a value, inside the chart."""
        part = (value - self.bottom) / ((self.top - self.bottom) or 1.0)
        return BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, part))

    def line(self, values: Mapping[int, float]) -> str:
        """Write the line through a value at each budget."""
        return marks.line([(self.x(budget), self.y(value)) for budget, value in values.items()])


def ladder(table: Table, shown: Sequence[str]) -> Ladder | None:
    """Draw the ladder of a table, with the rows shown in colour; None where no row was scored at two budgets."""
    known = ladders(table)
    if not known:
        return None
    budgets = tuple(sorted({step.budget for own in known.values() for step in own}))
    colours = {label: at for at, label in enumerate(shown) if label in known}
    means = {label: {step.budget: step.mean.value or 0.0 for step in own} for label, own in known.items()}
    top = max(1.0, *(value for own in means.values() for value in own.values()))
    shares = Panel(budgets, 0.0, top)
    bars = {label: _bars(known[label], at, shares) for label, at in colours.items()}
    ticks = {tenth / 10: f"{tenth / 10:g}" for tenth in range(0, math.floor(top * 10) + 1, 2)}
    ordered = places(known)
    apart = max(1, len(known) // 8)
    names = {float(place): str(place) for place in range(1, len(known) + 1, apart)}
    lines = tuple((readable(label), tuple(_text(own, budget) for budget in budgets)) for label, own in known.items())
    return Ladder(
        _chart(shares, ticks, means, colours, bars),
        _chart(Panel(budgets, float(max(2, len(known))), 1.0), names, ordered, colours, {}),
        budgets,
        lines,
    )


def _chart(
    panel: Panel,
    ticks: Mapping[float, str],
    known: Mapping[str, Mapping[int, float]],
    colours: Mapping[str, int],
    bars: Mapping[str, str],
) -> Markup:
    """Draw lines over the budgets, those without a colour in grey below the others."""
    grey = [Markup('<path class="ctx" d="{}"/>').format(panel.line(known[label])) for label in known.keys() - colours]
    path = Markup('<path class="l l{}" d="{}{}"/>')
    lines = [path.format(at, panel.line(known[label]), bars.get(label, "")) for label, at in colours.items()]
    ends = {label: panel.y(list(known[label].values())[-1]) for label in colours}
    return Markup("").join([_axes(panel, ticks), *sorted(grey), *lines, *_names(ends, colours)])


def _bars(own: Sequence[Step], at: int, panel: Panel) -> str:
    """Write the vertical bar of each mean's interval, next to those of other lines."""
    found = [(panel.x(step.budget) + 1.5 * (at - COLOURS / 2), step.mean.interval) for step in own]
    return "".join(f"M{x:.0f} {panel.y(one.low):.0f}V{panel.y(one.high):.0f}" for x, one in found if one is not None)


def _names(ends: Mapping[str, float], colours: Mapping[str, int]) -> list[Markup]:
    """Write the names of coloured lines next to their ends, moved down where they would touch."""
    pieces, last = [], -math.inf
    for y, label in sorted((y, label) for label, y in ends.items()):
        last = max(y, last + NAME)
        text = Markup('<text class="t{}" x="{}" y="{:.0f}">{}</text>')
        pieces.append(text.format(colours[label], WIDTH - RIGHT + 10, last + 4, readable(label, 18)))
    return pieces


def _axes(panel: Panel, ticks: Mapping[float, str]) -> Markup:
    text = Markup('<text class="ax" x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>')
    pieces = []
    for value, name in ticks.items():
        y = panel.y(value)
        pieces.append(Markup('<path class="grid" d="M{} {:.0f}H{}"/>').format(LEFT, y, WIDTH - RIGHT))
        pieces.append(text.format(LEFT - 6, y + 4, "end", name))
    pieces += [text.format(panel.x(budget), BOTTOM + 16, "middle", f"{budget:,}") for budget in panel.budgets]
    pieces.append(text.format(WIDTH - RIGHT, HEIGHT - 4, "end", "gradient evaluations, logarithmic"))
    return Markup("").join(pieces)


def _text(own: Sequence[Step], budget: int) -> str:
    mean = next((step.mean for step in own if step.budget == budget), None)
    if mean is None or mean.value is None:
        return "–"
    return f"{mean.value:z.2f}" + ("" if mean.half_width is None else f" ± {mean.half_width:.2f}")
