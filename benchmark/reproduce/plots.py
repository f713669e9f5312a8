"""Draw the plots of a target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.figures.style import THEMES, Theme, encode, new_figure, paint, settings
from benchmark.reproduce.place import Line, Plot

WIDTH, HEIGHT = 6.4, 3.6  # inches


def files(plot: Plot, stem: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of a plot's SVG, for the light and the dark theme."""
    for theme in THEMES.values():
        yield file_name(plot, stem, theme), encode(draw(plot, theme), "svg", plot.title)


def file_name(plot: Plot, stem: str, theme: Theme) -> str:
    """Return the name of a plot's file, which begins with the target and the tier."""
    return f"{stem}-{plot.name}{theme.suffix}.svg"


def draw(plot: Plot, theme: Theme) -> Figure:
    """Draw a plot: single seeds faint, means named, and the paper's values as dotted lines."""
    with settings():
        figure = new_figure(theme, WIDTH, HEIGHT)
        axes = paint(figure.subplots(), theme)
        colours = dict(zip(dict.fromkeys(line.name for line in plot.lines), theme.series * 4, strict=False))
        for line in plot.lines:
            _draw(axes, line, colours[line.name])
        for name, level in plot.levels.items():
            axes.axhline(level, color=theme.soft, linewidth=1.0, linestyle=":", label=name)
        for words, x, y in plot.marks:
            style: Any = {"color": theme.ink, "fontsize": 8, "ha": "right"}
            style["bbox"] = {"facecolor": theme.ground, "edgecolor": "none", "pad": 1.0}
            axes.annotate(words, (x, y), xytext=(-4, 6), textcoords="offset points", **style)
        if plot.log:
            ticks = sorted({x for line in plot.lines for x, _ in line.points if x > 0})
            axes.set_xscale("log")
            axes.set_xticks(ticks, [f"{x:g}" for x in ticks])
            axes.minorticks_off()
        axes.set_title(plot.title, color=theme.ink, fontsize=10, loc="left")
        axes.set_xlabel(plot.x, color=theme.soft)
        axes.set_ylabel(plot.y, color=theme.soft)
        axes.legend(frameon=False, labelcolor=theme.ink, fontsize=8)
    return figure


def _draw(axes: Axes, line: Line, colour: str) -> None:
    x, y = zip(*line.points, strict=True)
    style: Any = {"linewidth": 0.8, "alpha": 0.5, "zorder": 2} if line.faint else {"linewidth": 1.8, "zorder": 3}
    axes.plot(x, y, color=colour, marker="o" if line.dots else "", markersize=2 if line.faint else 4, **style)
    if line.band:
        low, high = zip(*line.band, strict=True)
        axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
    if not line.faint:
        axes.lines[-1].set_label(line.name)
