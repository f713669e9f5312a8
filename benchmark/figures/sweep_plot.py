"""Score against the value of a setting: every run a dot, the mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.figures.style import Theme, new_figure, paint, settings
from benchmark.leaderboard import Cell, Sweep, Table, sweeps
from benchmark.leaderboard.text import ARROWS, readable

WIDTH, HEIGHT = 3.6, 2.8  # inches of a panel


def draw_sweeps(table: Table, theme: Theme) -> Figure | None:
    """Draw a panel for each sweep of a table by the metric that orders it; None where nothing is swept."""
    at = table.column(table.sort) if table.sort is not None else None
    found = sweeps(table)
    if at is None or not found:
        return None
    with settings():
        figure = new_figure(theme, WIDTH * len(found) + 0.3, HEIGHT)
        panels = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
        for axes, sweep in zip(panels, found, strict=True):
            points = [(value, row.cells[at]) for value, row in sweep.points]
            _draw(paint(axes, theme), sweep, points, theme)
            failed = sum(row.runs - row.finished for _, row in sweep.points)
            title = readable(f"{table.problem}: {sweep.game}", 40)
            noted = f"{title}, {failed} failed run{'s' if failed > 1 else ''}" if failed else title
            axes.set_title(noted, color=theme.ink, fontsize=9)
        metric = table.columns[at]
        panels[0].set_ylabel(f"{readable(metric.metric)} {ARROWS[metric.direction]}".strip(), color=theme.soft)
        note = "dots are runs; lines and bars are means over seeds with 95 % intervals"
        figure.supxlabel(note, color=theme.soft, fontsize=7.5)
    return figure


def _draw(axes: Axes, sweep: Sweep, points: Sequence[tuple[float, Cell]], theme: Theme) -> None:
    for value, cell in points:
        axes.plot(
            [value] * len(cell.values), list(cell.values.values()), ".", color=theme.soft, alpha=0.5, markersize=4
        )
    known = [(value, cell.mean) for value, cell in points if cell.mean.value is not None]
    style: Any = {"color": theme.series[0], "linewidth": 1.4, "elinewidth": 1.0, "capsize": 2.5, "marker": "o"}
    axes.errorbar(
        [value for value, _ in known],
        [mean.value or 0.0 for _, mean in known],
        yerr=[mean.half_width or 0.0 for _, mean in known],
        markersize=4,
        zorder=3,
        **style,
    )
    values = [value for value, _ in points]
    axes.set_xlabel(sweep.setting, color=theme.soft)
    if sweep.logarithmic:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(values, [f"{value:g}" for value in values], fontsize=7.5)
