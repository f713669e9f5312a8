"""Samples of each row: points on the truth, or a sheet of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.figures.kept import is_plane, oracle_samples, typical_samples
from benchmark.figures.style import Theme, new_figure, paint, settings
from benchmark.leaderboard import Table
from benchmark.leaderboard.text import readable
from benchmark.runner.images import images_of, tiled
from benchmark.store import Kept

POINTS = 600  # of a panel
TRUTH = 2000  # points of the oracle behind them
SHEET, COLUMNS = 64, 8  # images of a sheet
PANEL = 1.45  # inches
MOST_ACROSS = 8
ROOM = 1.3  # of the frame around the truth


def draw_samples(table: Table, kept: Kept, theme: Theme) -> Figure | None:
    """Draw the samples of the typical run of each row; None where none are kept that can be drawn."""
    found = typical_samples(kept, table)
    points = {label: samples for label, (_, samples) in found.items() if is_plane(samples)}
    sheets = {label: images_of(samples[:SHEET]) for label, (_, samples) in found.items()}
    drawn = [label for label in found if label in points or sheets[label] is not None]
    if not drawn:
        return None
    truth = [one for one in oracle_samples(kept, table) if is_plane(one)]
    with settings():
        said = "Samples of the run of median quality" + (" on the oracle's, grey" if points and truth else "")
        figure, panels = grid_of_panels(theme, len(drawn), said)
        corner, size = _frame(truth or list(points.values())) if points else (np.zeros(2), 1.0)
        for axes, label in zip(panels, drawn, strict=True):
            axes.set_title(readable(label, 24), color=theme.ink, fontsize=8)
            images = sheets[label]
            if label in points:
                _scatter(axes, points[label], truth, theme)
                axes.set_xlim(corner[0], corner[0] + size)
                axes.set_ylim(corner[1], corner[1] + size)
            elif images is not None:
                axes.imshow(tiled(images, COLUMNS), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    return figure


def grid_of_panels(theme: Theme, count: int, title: str) -> tuple[Figure, list[Axes]]:
    """Return a figure of so many square panels without ticks, and the panels in the order of reading."""
    across = min(MOST_ACROSS, count)
    down = -(-count // across)
    figure = new_figure(theme, max(3.2, PANEL * across), (PANEL + 0.35) * down + 0.3)
    panels = [paint(axes, theme) for axes in figure.subplots(down, across, squeeze=False).ravel()]
    for axes in panels:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_aspect("equal")
        for spine in axes.spines.values():
            spine.set_visible(True)
    for axes in panels[count:]:
        axes.remove()
    figure.suptitle(title, x=0.01, ha="left", color=theme.soft, fontsize=8.5)
    return figure, panels[:count]


def _scatter(axes: Axes, samples: NDArray[Any], truth: Sequence[NDArray[Any]], theme: Theme) -> None:
    if truth:
        behind = np.concatenate(list(truth))[:TRUTH]
        axes.scatter(behind[:, 0], behind[:, 1], s=2, color=theme.rule, linewidths=0, rasterized=True)
    drawn = samples[:POINTS]
    axes.scatter(drawn[:, 0], drawn[:, 1], s=2, color=theme.accent, linewidths=0, alpha=0.7, rasterized=True)


def _frame(known: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], float]:
    """Return the corner and the side of a square around points, of which the outer hundredths do not count."""
    points = np.concatenate(list(known))
    points = points[np.isfinite(points).all(axis=1)]
    low, high = np.percentile(points, [1, 99], axis=0) if len(points) else (np.zeros(2), np.ones(2))
    size = float((high - low).max()) * ROOM or 1.0
    return (low + high) / 2 - size / 2, size
