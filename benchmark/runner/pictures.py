"""A picture beside each record when its run ends: samples, losses and the metric that ranks; for a first look."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import StoreError
from benchmark.names import shown
from benchmark.runner.images import images_of, tiled
from benchmark.store import Record, directory_of

LOG = logging.getLogger(__name__)
PICTURE = "picture.png"
POINTS, SHEET, COLUMNS = 1_000, 64, 8
SIZE, DOTS = (9.0, 3.0), 80  # inches, and pixels to an inch

Curve = Sequence[Mapping[str, float]]


def draw_pictures(root: Path, records: Sequence[Record], samples: NDArray[Any], curves: Sequence[Curve]) -> list[Path]:
    """Draw each run's picture; samples are [members, N, *data]. One that cannot be drawn fails no run."""
    drawn = []
    for record, own, curve in zip(records, samples, curves, strict=True):
        path = directory_of(root, record) / PICTURE
        try:
            path.write_bytes(picture(record, own, curve))
            drawn.append(path)
        except (ArithmeticError, LookupError, OSError, RuntimeError, StoreError, TypeError, ValueError) as error:
            LOG.warning("No picture at %s: %s", shown(str(path)), shown(repr(error)))
            break  # what stops one stops all
    return drawn


def picture(record: Record, samples: NDArray[Any], curve: Curve) -> bytes:
    """Draw one run as PNG: samples, losses, and the metric that ranks where it was watched."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE if curve else (SIZE[1], SIZE[1]), dpi=DOTS)
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3 if curve else 1, squeeze=False)[0]
    _samples(panels[0], samples)
    if curve:
        _lines(panels[1], curve, ("generator_loss", "critic_loss"))
        _lines(panels[2], curve, record.headline[:1])
    figure.subplots_adjust(0.03 if curve else 0.05, 0.11, 0.99, 0.86, wspace=0.22)
    figure.suptitle(f"{record.problem}: {record.row}, seed {record.seed}, {record.end.state}"[:100], parse_math=False)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _samples(panel: Any, samples: NDArray[Any]) -> None:
    images = images_of(samples[:SHEET])
    panel.set_xticks([])
    panel.set_yticks([])
    if images is not None:
        panel.imshow(tiled(images, COLUMNS), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    elif samples.ndim == 2 and samples.shape[1] == 2:
        points = samples[:POINTS]
        points = points[np.isfinite(points).all(axis=1)]
        panel.plot(points[:, 0], points[:, 1], ",", color="tab:blue")
        panel.set_aspect("equal", adjustable="datalim")
        panel.set_xticks([])
    else:
        panel.text(0.5, 0.5, "no picture of such samples", ha="center", va="center")


def _lines(panel: Any, curve: Curve, names: Sequence[str]) -> None:
    """Draw what was measured of some names, each with its own in the title."""
    for name in names:
        points = [(point["iteration"], point[name]) for point in curve if np.isfinite(point.get(name, np.nan))]
        if points:
            panel.plot(*zip(*points, strict=True), linewidth=1.0, label=name)
    panel.set_title(" and ".join(names)[:60], fontsize=8, parse_math=False)
    panel.tick_params(labelsize=7)
    if len(names) > 1:
        panel.legend(fontsize=7, frameon=False)
