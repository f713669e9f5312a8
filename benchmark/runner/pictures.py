"""The picture saved with each record: samples, losses and the ranking metric.

Drawn with Pillow: matplotlib took 0.12 s to 0.16 s for one, which is noticeable over the 60 runs of a default command.
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
SIDE, TOP, MARGIN, BELOW = 256, 40, 12, 18  # of a panel, above it, beside it and below it, in pixels
INK, SOFT, COLOURS = (28, 31, 36), (140, 146, 155), ((11, 98, 168), (168, 72, 11))

Curve = Sequence[Mapping[str, float]]


def picture_or_none(
    record: Record, samples: NDArray[Any], curve: Curve, truth: NDArray[Any] | None = None
) -> bytes | None:
    """Draw one run as PNG; return None with a warning if that fails, because it must not fail the run."""
    try:
        return picture(record, samples, curve, truth)
    except Exception as error:
        LOG.warning("No picture of %s, seed %d: %s", quote(record.row), record.seed, quote(repr(error)))
        return None


def picture(record: Record, samples: NDArray[Any], curve: Curve, truth: NDArray[Any] | None = None) -> bytes:
    """Draw one run as PNG: its samples, as many of the truth, the losses, and the ranking metric if it was watched."""
    from PIL import Image, ImageDraw

    sides = [samples] if truth is None else [samples, truth[: len(samples)]]
    panels = len(sides) + (2 if curve else 0)
    image = Image.new("RGB", (panels * (SIDE + MARGIN) + MARGIN, TOP + SIDE + BELOW), "white")
    pen = ImageDraw.Draw(image)
    title = f"{record.problem}: {record.row}, seed {record.seed}, {record.end.state}"
    spent = record.compute.get("gradient_evaluations")
    title += f", {spent:,} gradient evaluations" if isinstance(spent, int) else ""
    pen.text((MARGIN, 4), _plain(title, 45 * panels), INK)
    for at, (name, drawn) in enumerate(zip(("samples", "the truth"), sides, strict=False)):
        left = MARGIN + at * (SIDE + MARGIN)
        pen.text((left + SIDE - 6 * len(name), TOP - 14), name, SOFT)
        _draw_samples(image, pen, drawn, left, sides[-1])
    if curve:
        left = MARGIN + len(sides) * (SIDE + MARGIN)
        _lines(pen, curve, ("generator_loss", "critic_loss"), left)
        _lines(pen, curve, record.headline[:1], left + SIDE + MARGIN)
    return _png(image)


def portrait(title: str, samples: NDArray[Any]) -> bytes:
    """Draw samples [N, *data] alone as PNG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (SIDE + 2 * MARGIN, TOP + SIDE + BELOW), "white")
    pen = ImageDraw.Draw(image)
    pen.text((MARGIN, 4), _plain(title, 45), INK)
    _draw_samples(image, pen, samples, MARGIN, samples)
    return _png(image)


def _png(image: Picture) -> bytes:
    content = io.BytesIO()
    image.save(content, format="png")
    return content.getvalue()


def _draw_samples(image: Picture, pen: ImageDraw, samples: NDArray[Any], left: int, frame: NDArray[Any]) -> None:
    """Draw samples as a panel, images or points in one or two dimensions, with the axes of the frame's samples."""
    from PIL import Image

    images = images_of(samples[:SHEET])
    if images is not None:
        sheet = Image.fromarray(tiled(images, COLUMNS)).convert("RGB")
        size = (SIDE, round(SIDE * sheet.height / sheet.width))
        image.paste(sheet.resize(size, Image.Resampling.NEAREST), (left, TOP))
    elif samples.ndim == 2 and samples.shape[1] == 2:
        _scatter(pen, samples[:POINTS], left, frame[:POINTS])
    elif samples.ndim == 2 and samples.shape[1] == 1:
        _histogram(pen, samples[:, 0], left, frame[:, 0])
    else:
        pen.text((left, TOP), "cannot draw these samples", SOFT)


def _plain(text: str, longest: int) -> str:
    """Replace characters that the built-in font lacks, and cut the text."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)[:longest]


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    """Return the rows whose numbers are all finite, in double precision."""
    finite = np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    return np.asarray(values[finite], dtype=np.float64)


def _scatter(pen: ImageDraw, points: NDArray[Any], left: int, frame: NDArray[Any]) -> None:
    """Draw points [N, 2] in the smallest square that contains the frame's; points outside are drawn on its edge."""
    points, frame = _finite(points), _finite(frame)
    if not len(points) or not len(frame):
        pen.text((left, TOP), "no finite sample", SOFT)
        return
    low, high = frame.min(axis=0), frame.max(axis=0)
    size = float((high - low).max()) or 1.0
    places = np.clip((points - (low + high) / 2) / size * (SIDE - 4) + SIDE / 2, 0, SIDE)
    pen.rectangle((left, TOP, left + SIDE, TOP + SIDE), outline=SOFT)
    pen.text((left, TOP - 14), f"x {low[0]:.3g} to {high[0]:.3g}, y {low[1]:.3g} to {high[1]:.3g}", SOFT)
    for x, y in places:
        pen.rectangle((left + x - 0.5, TOP + SIDE - y - 0.5, left + x + 0.5, TOP + SIDE - y + 0.5), COLOURS[0])


def _histogram(pen: ImageDraw, values: NDArray[Any], left: int, frame: NDArray[Any]) -> None:
    """Draw a histogram of numbers [N] over the frame's range; numbers outside count in the outermost bars."""
    values, frame = _finite(values), _finite(frame)
    if not len(values) or not len(frame):
        pen.text((left, TOP), "no finite sample", SOFT)
        return
    edges = np.histogram_bin_edges(frame, BINS)
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    width = SIDE / BINS
    pen.rectangle((left, TOP, left + SIDE, TOP + SIDE), outline=SOFT)
    pen.text((left, TOP - 14), f"{edges[0]:.3g} to {edges[-1]:.3g}", SOFT)
    for at, count in enumerate(counts):
        start, height = left + at * width, (SIDE - 2) * count / counts.max()
        pen.rectangle((start, TOP + SIDE - height, start + width - 1, TOP + SIDE), COLOURS[0])


def _lines(pen: ImageDraw, curve: Curve, names: Sequence[str], left: int) -> None:
    """Draw the curves of some names on one axis, with its bounds."""
    series = {name: [(p["iteration"], p[name]) for p in curve if np.isfinite(p.get(name, np.nan))] for name in names}
    values = [value for points in series.values() for _, value in points]
    pen.rectangle((left, TOP, left + SIDE, TOP + SIDE), outline=SOFT)
    if not values:
        pen.text((left, TOP - 14), "nothing recorded", SOFT)
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
    if high > low:
        pen.text((left + 4, TOP + SIDE - 14), f"{low:.3g}", SOFT)
    for at in (0.0, 0.5, 1.0):  # iterations below the axis
        text, place = f"{last * at:,.0f}", left + SIDE * at
        pen.line((place, TOP + SIDE, place, TOP + SIDE + 3), SOFT)
        pen.text((place - 6 * len(text) * at, TOP + SIDE + 3), text, SOFT)
