"""A picture beside each record when its run ends: samples, losses and the metric that ranks; for a first look.

Drawn with Pillow: matplotlib took 0.12 s to 0.16 s for one, which over the 60 runs of a default command is felt.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.runner.images import images_of, tiled
from benchmark.store import Record
from objectives.foundation.names import quote

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

LOG = logging.getLogger(__name__)
POINTS, SHEET, COLUMNS, BINS = 1_000, 64, 8, 32
SIDE, TOP, MARGIN = 256, 40, 12  # of a panel, of the line of text above it, and around it, in pixels
INK, SOFT, COLOURS = (28, 31, 36), (140, 146, 155), ((11, 98, 168), (168, 72, 11))

Curve = Sequence[Mapping[str, float]]


def picture_or_none(record: Record, samples: NDArray[Any], curve: Curve) -> bytes | None:
    """Draw one run as PNG; None, and a warning, where that fails, for it must fail no run."""
    try:
        return picture(record, samples, curve)
    except Exception as error:
        LOG.warning("No picture of %s, seed %d: %s", quote(record.row), record.seed, quote(repr(error)))
        return None


def picture(record: Record, samples: NDArray[Any], curve: Curve) -> bytes:
    """Draw one run as PNG: samples, losses, and the metric that ranks where it was watched."""
    from PIL import Image, ImageDraw

    panels = 3 if curve else 1
    image = Image.new("RGB", (panels * (SIDE + MARGIN) + MARGIN, TOP + SIDE + MARGIN), "white")
    pen = ImageDraw.Draw(image)
    title = f"{record.problem}: {record.row}, seed {record.seed}, {record.end.state}"
    pen.text((MARGIN, 4), _plain(title, 45 * panels), INK)
    _draw_samples(image, pen, samples)
    if curve:
        _lines(pen, curve, ("generator_loss", "critic_loss"), 2 * MARGIN + SIDE)
        _lines(pen, curve, record.headline[:1], 3 * MARGIN + 2 * SIDE)
    return _png(image)


def portrait(title: str, samples: NDArray[Any]) -> bytes:
    """Draw samples [N, *data] alone as PNG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (SIDE + 2 * MARGIN, TOP + SIDE + MARGIN), "white")
    pen = ImageDraw.Draw(image)
    pen.text((MARGIN, 4), _plain(title, 45), INK)
    _draw_samples(image, pen, samples)
    return _png(image)


def _png(image: Picture) -> bytes:
    content = io.BytesIO()
    image.save(content, format="png")
    return content.getvalue()


def _draw_samples(image: Picture, pen: ImageDraw, samples: NDArray[Any]) -> None:
    """Draw samples as the first panel: a sheet of images, or points in the plane or on the line."""
    from PIL import Image

    images = images_of(samples[:SHEET])
    if images is not None:
        sheet = Image.fromarray(tiled(images, COLUMNS)).convert("RGB")
        size = (SIDE, round(SIDE * sheet.height / sheet.width))
        image.paste(sheet.resize(size, Image.Resampling.NEAREST), (MARGIN, TOP))
    elif samples.ndim == 2 and samples.shape[1] == 2:
        _scatter(pen, samples[:POINTS])
    elif samples.ndim == 2 and samples.shape[1] == 1:
        _histogram(pen, samples[:, 0])
    else:
        pen.text((MARGIN, TOP), "no picture of such samples", SOFT)


def _plain(text: str, longest: int) -> str:
    """Keep what the built-in font can write."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)[:longest]


def _scatter(pen: ImageDraw, points: NDArray[Any]) -> None:
    """Draw points [N, 2] in the smallest square that holds them, its bounds told."""
    points = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if not len(points):
        pen.text((MARGIN, TOP), "no finite sample", SOFT)
        return
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max()) or 1.0
    places = (points - (low + high) / 2) / size * (SIDE - 4) + SIDE / 2
    pen.rectangle((MARGIN, TOP, MARGIN + SIDE, TOP + SIDE), outline=SOFT)
    pen.text((MARGIN, TOP - 14), f"x {low[0]:.3g} to {high[0]:.3g}, y {low[1]:.3g} to {high[1]:.3g}", SOFT)
    for x, y in places:
        pen.rectangle((MARGIN + x - 0.5, TOP + SIDE - y - 0.5, MARGIN + x + 0.5, TOP + SIDE - y + 0.5), COLOURS[0])


def _histogram(pen: ImageDraw, values: NDArray[Any]) -> None:
    """Draw how numbers [N] are spread over their range, its bounds told."""
    values = values[np.isfinite(values)].astype(np.float64)
    if not len(values):
        pen.text((MARGIN, TOP), "no finite sample", SOFT)
        return
    counts, edges = np.histogram(values, BINS)
    width = SIDE / BINS
    pen.rectangle((MARGIN, TOP, MARGIN + SIDE, TOP + SIDE), outline=SOFT)
    pen.text((MARGIN, TOP - 14), f"{edges[0]:.3g} to {edges[-1]:.3g}", SOFT)
    for at, count in enumerate(counts):
        left, height = MARGIN + at * width, (SIDE - 2) * count / counts.max()
        pen.rectangle((left, TOP + SIDE - height, left + width - 1, TOP + SIDE), COLOURS[0])


def _lines(pen: ImageDraw, curve: Curve, names: Sequence[str], left: int) -> None:
    """Draw what was measured of some names on one axis, its bounds told."""
    series = {name: [(p["iteration"], p[name]) for p in curve if np.isfinite(p.get(name, np.nan))] for name in names}
    values = [value for points in series.values() for _, value in points]
    pen.rectangle((left, TOP, left + SIDE, TOP + SIDE), outline=SOFT)
    if not values:
        pen.text((left, TOP - 14), "nothing watched", SOFT)
        return
    low, high, last = min(values), max(values), max(1.0, *(at for points in series.values() for at, _ in points))
    height = (high - low) or 1.0
    offset = left
    for (name, points), colour in zip(series.items(), COLOURS, strict=False):
        places = [
            (left + SIDE * at / last, TOP + SIDE - 2 - (SIDE - 4) * (value - low) / height) for at, value in points
        ]
        if len(places) > 1:
            pen.line(places, colour, 2)
        pen.text((offset, TOP - 14), _plain(name, 24), colour)
        offset += 8 + 6 * len(_plain(name, 24))
    pen.text((left + 4, TOP + 3), f"{high:.3g}", SOFT)
    pen.text((left + 4, TOP + SIDE - 14), f"{low:.3g}", SOFT)
