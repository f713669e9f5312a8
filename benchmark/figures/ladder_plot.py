"""Share of the way and place against the budget, a pair of panels for each problem; a row has one colour in all."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from benchmark.figures.style import Theme, new_figure, paint, settings
from benchmark.leaderboard import Table
from benchmark.leaderboard.ladder import Step, places, steps
from benchmark.leaderboard.text import readable

WIDTH, HEIGHT = 3.4, 2.9  # inches of a panel
FEWEST = 2  # budgets that make a line
PER_PANEL = 3  # names in a line of the legend
NAME = 0.055  # of a panel's height that a name takes


def ladders(table: Table) -> dict[str, list[Step]]:
    """Return the steps of each objective that was scored at two budgets or more, the best at the last one first."""
    found = {row.label: steps(table, row) for row in table.rows if not row.control}
    kept = {label: own for label, own in found.items() if len(own) >= FEWEST}
    return dict(sorted(kept.items(), key=lambda item: -(item[1][-1].mean.value or 0.0)))


def named(tables: Sequence[Table], most: int) -> list[str]:
    """Return the rows that get a colour and a name on all problems, the largest mean share first.

    They are the best of each problem, the baseline, and then those in most tables with the largest mean share.
    """
    known = [found for table in tables if (found := ladders(table))]
    labels = dict.fromkeys(itertools.chain(*known))
    means = {label: [own[label][-1].mean.value or 0.0 for own in known if label in own] for label in labels}
    ordered = sorted(means, key=lambda label: (-len(means[label]), -math.fsum(means[label]), label))
    first = [*(next(iter(own)) for own in known), *(table.baseline for table in tables if table.baseline in means)]
    kept = list(dict.fromkeys([*first, *ordered]))[:most]
    return [label for label in ordered if label in kept]


def draw_ladder(tables: Sequence[Table], theme: Theme) -> Figure | None:
    """Draw the ladder of each table that has one; None where none has."""
    known = [(table, found) for table in tables if (found := ladders(table))]
    if not known:
        return None
    every = dict(zip(named(tables, len(theme.series)), theme.series, strict=False))
    with settings():
        figure = new_figure(theme, WIDTH * len(known) + 0.4, 2 * HEIGHT + 0.3)
        panels = figure.subplots(2, len(known), squeeze=False)
        for at, (table, found) in enumerate(known):
            colours = {label: colour for label, colour in every.items() if label in found}
            _draw_shares(paint(panels[0, at], theme), found, colours, theme)
            _draw_places(paint(panels[1, at], theme), found, colours, theme)
            panels[0, at].set_title(readable(table.problem), color=theme.ink, fontsize=10)
        panels[0, 0].set_ylabel("share (0 untrained, 1 oracle)", color=theme.soft)
        panels[1, 0].set_ylabel("place by that share", color=theme.soft)
        lines = [Line2D([], [], color=colour, marker="o", markersize=3) for colour in every.values()]
        names = [readable(label, 20) for label in every]
        columns = min(len(names), PER_PANEL * len(known))
        style: Any = {"frameon": False, "labelcolor": theme.ink, "fontsize": 8, "handlelength": 1.4}
        figure.legend(lines, names, loc="outside upper center", ncols=columns, **style)
        label = "gradient evaluations\nbars: 95 % intervals of the mean over seeds"  # one problem's panels are narrow
        figure.supxlabel(label, color=theme.soft, fontsize=8.5)
    return figure


def _draw_shares(axes: Axes, known: Mapping[str, Sequence[Step]], colours: Mapping[str, str], theme: Theme) -> None:
    """Draw shares with intervals; rows without a colour are grey and have neither interval nor name."""
    ends = []
    for label, own in reversed(list(known.items())):
        x, y = _line(own)
        if label not in colours:
            axes.plot(x, y, color=theme.rule, linewidth=0.8, zorder=1)
            continue
        half = [step.mean.half_width or 0.0 for step in own]
        shifted = x * 1.02 ** (list(colours).index(label) - len(colours) / 2)  # bars must not hide each other
        style: Any = {"color": colours[label], "linewidth": 1.6, "elinewidth": 0.8, "marker": "o", "markersize": 3}
        axes.errorbar(shifted, y, yerr=half, zorder=3, **style)
        ends.append((float(y[-1]), label, colours[label]))
    top = max(float(_line(own)[1].max()) for own in known.values())
    axes.set_ylim(-0.04 * max(top, 0.1), max(1.15 * top, 0.1))
    if axes.get_ylim()[1] > 1:
        axes.axhline(1.0, color=theme.rule, linewidth=0.8, linestyle=":")
    _name_ends(axes, ends, _budgets(known)[-1])
    _budget_axis(axes, _budgets(known))


def _draw_places(axes: Axes, known: Mapping[str, Sequence[Step]], colours: Mapping[str, str], theme: Theme) -> None:
    """Draw each row's place by its mean share among the rows that were scored at a budget, the first at the top."""
    ends = []
    for label, own in places(known).items():
        style: Any = {"color": theme.rule, "linewidth": 0.8, "zorder": 1}
        if label in colours:
            style = {"color": colours[label], "linewidth": 1.6, "marker": "o", "markersize": 3, "zorder": 3}
            ends.append((float(list(own.values())[-1]), label, colours[label]))
        axes.plot(list(own), list(own.values()), **style)
    axes.set_ylim(len(known) + 0.7, 0.3)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _name_ends(axes, ends, _budgets(known)[-1])
    _budget_axis(axes, _budgets(known))


def _line(own: Sequence[Step]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a row's budgets and mean shares."""
    return np.array([float(step.budget) for step in own]), np.array([step.mean.value or 0.0 for step in own])


def _budgets(known: Mapping[str, Sequence[Step]]) -> list[int]:
    return sorted({step.budget for own in known.values() for step in own})


def _name_ends(axes: Axes, ends: Sequence[tuple[float, str, str]], x: float) -> None:
    """Write each line's name next to its end, moved down where it would touch the name above it."""
    low, high = axes.get_ylim()  # from the bottom up, whichever is larger
    last = 2.0
    for y, label, colour in sorted(ends, key=lambda end: -(end[0] - low) / (high - low)):
        last = min((y - low) / (high - low), last - NAME)
        place = low + last * (high - low)
        style: Any = {"color": colour, "fontsize": 7.5, "va": "center", "annotation_clip": False}
        axes.annotate(readable(label, 20), (x, place), xytext=(9, 0), textcoords="offset points", **style)


def _budget_axis(axes: Axes, budgets: Sequence[int]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(budgets, [f"{budget:,}" for budget in budgets], fontsize=7.5)
    axes.minorticks_off()
    axes.set_xlim(budgets[0] / 1.15, budgets[-1] * 1.15)
