"""Generated samples: points in the plane over the truth's contours, or sheets of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from contourpy import contour_generator
from markupsafe import Markup
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from benchmark.figures.kept import is_plane, oracle_samples, typical
from benchmark.leaderboard import Row
from benchmark.leaderboard.text import readable
from benchmark.report import marks
from benchmark.report.gather import Material, Section
from benchmark.report.mode_map import ModeMap, mode_map
from benchmark.report.png import data_uri
from benchmark.runner.images import Pixels, images_of, tiled
from benchmark.store import Record

Array = NDArray[Any]
SIZE = 200  # of a scatter, in its own units
MANY, SOME = 600, 150  # points of a row's picture, and of each further seed's
CELLS, SMOOTHING = 100, 1.6  # of the histogram behind the contours, in cells
LEVELS = (0.05, 0.25, 0.6)  # of the highest density
SHEET, COLUMNS, PAIRS = 40, 10, 10  # images of a sheet, and those shown with their nearest neighbours


@dataclass(frozen=True)
class Picture:
    """One run's samples."""

    label: str
    seed: int
    drawing: Markup
    said: str  # what the picture shows, in words


@dataclass(frozen=True)
class Gallery:
    """A picture of the typical run of each row, and of every run if there is room."""

    kind: str  # plane or images
    defs: Markup
    typical: tuple[Picture, ...]
    others: tuple[Picture, ...]
    reference: str  # what is shown behind the points, or next to the images
    modes: ModeMap | None = None


@dataclass(frozen=True)
class Plane:
    """The part of the plane that is drawn, and the truth in it."""

    low: Array  # [2]
    size: float
    contours: str

    def places(self, points: Array) -> Array:
        """Return points' positions in a picture; larger values are higher."""
        places = (points - self.low) / self.size * SIZE
        places[:, 1] = SIZE - places[:, 1]
        return places


def gallery(material: Material, section: Section) -> Gallery | None:
    """Draw the samples of a table's rows; None if none are kept or they are neither points nor images."""
    truth = oracle_samples(material.kept, section.table)
    runs = [(row, typical(section.table, row)) for row in section.table.rows]
    chosen = {row.label: _read(material, row, seed) for row, seed in runs}
    known = [samples for samples in (*truth, *chosen.values()) if samples is not None]
    if not known:
        return None
    if known[0].ndim == 2 and known[0].shape[1] == 2:
        return _plane_gallery(material, section, runs, truth, chosen)
    return _image_gallery(runs, truth, chosen)


def _read(material: Material, row: Row, seed: int) -> Array | None:
    found: Record | None = next((one for one in row.records if one.seed == seed), None)
    return None if found is None else material.kept.samples(found)


def _plane_gallery(
    material: Material,
    section: Section,
    runs: Sequence[tuple[Row, int]],
    truth: Sequence[Array],
    chosen: dict[str, Array | None],
) -> Gallery | None:
    flat = [samples for samples in chosen.values() if samples is not None and is_plane(samples)]
    shown = [samples for samples in truth if is_plane(samples)] or flat
    plane = _plane(np.concatenate([one[np.isfinite(one).all(axis=1)] for one in shown]), bool(truth))
    identity = f"truth{section.number}"
    defs = Markup('<symbol id="{}" viewBox="0 0 {} {}"><path d="{}"/></symbol>').format(
        identity, SIZE, SIZE, plane.contours
    )
    pictures = [_scatter(row, seed, chosen[row.label], plane, identity, MANY) for row, seed in runs]
    further = [(row, seed) for row, own in runs for seed in sorted(row.states) if seed != own] if material.full else []
    others = [_scatter(row, seed, _read(material, row, seed), plane, identity, SOME) for row, seed in further]
    reference = "the oracle's samples, smoothed" if plane.contours else ""
    known = [samples for samples in truth if is_plane(samples)]
    drawn = {label: samples for label, samples in chosen.items() if samples is not None and is_plane(samples)}
    modes = mode_map(section.table, known, drawn, f"modes{section.number}")
    return Gallery("plane", defs, _found(pictures), _found(others), reference, modes)


def _plane(points: Array, known: bool) -> Plane:
    """Choose the frame: the truth and a quarter around it; without a truth the middle 98 % of what was drawn."""
    share = 0.0 if known else 1.0
    low, high = np.percentile(points, [share, 100 - share], axis=0) if len(points) else (np.zeros(2), np.ones(2))
    size = float((high - low).max()) * 1.3 or 1.0
    corner = (low + high) / 2 - size / 2
    return Plane(corner, size, _contours(points, corner, size) if known else "")


def _contours(points: Array, low: Array, size: float) -> str:
    """Trace where the smoothed density of points is a given share of its highest value."""
    edges = [np.linspace(start, start + size, CELLS + 1) for start in low]
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=(edges[1], edges[0]))
    density = gaussian_filter(counts, SMOOTHING, mode="constant")
    unit = SIZE / CELLS
    tracer = contour_generator(z=density / (density.max() or 1.0))
    return "".join(
        marks.line([((x + 0.5) * unit, SIZE - (y + 0.5) * unit) for x, y in path], closed=True)
        for level in LEVELS
        for path in _paths(tracer.lines(level))
    )


def _paths(lines: Any) -> list[Array]:
    return list(lines)


def _scatter(row: Row, seed: int, samples: Array | None, plane: Plane, contours: str, most: int) -> Picture | None:
    if samples is None or not is_plane(samples):
        return None
    drawn = samples[:most]
    places = plane.places(drawn[np.isfinite(drawn).all(axis=1)].copy())
    inside = ((places >= 0) & (places <= SIZE)).all(axis=1)
    path = marks.dots((float(x), float(y)) for x, y in places[inside])
    drawing = Markup('<use href="#{}" class="truth"/><path class="pts" d="{}"/>').format(contours, path)
    out = len(drawn) - int(inside.sum())
    said = f"{len(drawn)} samples" + (f", {out} outside the frame" if out else "")
    return Picture(readable(row.label), seed, drawing, f"{said}{_end_text(row, seed)}")


def _end_text(row: Row, seed: int) -> str:
    state = row.states.get(seed, "ok")
    return "" if state == "ok" else f", {state.replace('_', ' ')}"


def _image_gallery(
    runs: Sequence[tuple[Row, int]], truth: Sequence[Array], chosen: dict[str, Array | None]
) -> Gallery | None:
    known = np.concatenate(truth) if truth and len({one.shape[1:] for one in truth}) == 1 else None
    pictures = [_sheet(row, seed, chosen[row.label], known) for row, seed in runs]
    if not any(pictures):
        return None
    reference = "" if known is None else f"the nearest of {len(known)} kept oracle samples"
    return Gallery("images", Markup(""), _found(pictures), (), reference)


def _sheet(row: Row, seed: int, samples: Array | None, known: Array | None) -> Picture | None:
    """Tile a run's first samples, and below them the nearest known image of each of the first few."""
    images = None if samples is None else images_of(samples[:SHEET])
    if images is None or samples is None:
        return None
    alt = f"{len(images)} samples of {readable(row.label)}, seed {seed}"
    pieces = [_image(tiled(images, COLUMNS), alt)]
    if known is not None and known.shape[1:] == samples.shape[1:] and row.label != "oracle":
        pairs = images_of(_nearest(samples[:PAIRS], known))
        if pairs is not None:
            pieces.append(Markup("<small>samples, each above its nearest</small>"))
            pieces.append(_image(tiled(np.concatenate([images[:PAIRS], pairs]), PAIRS), f"nearest neighbours: {alt}"))
    return Picture(readable(row.label), seed, Markup("").join(pieces), f"{len(images)} samples{_end_text(row, seed)}")


def _image(pixels: Pixels, alt: str) -> Markup:
    return Markup('<img src="{}" alt="{}" width="{}" height="{}">').format(
        data_uri(pixels), alt, pixels.shape[1], pixels.shape[0]
    )


def _nearest(samples: Array, known: Array) -> Array:
    """Return the nearest known sample of each sample, by Euclidean distance."""
    flat, others = samples.reshape(len(samples), -1), known.reshape(len(known), -1)
    distances = (others**2).sum(axis=1) - 2 * flat @ others.T
    nearest: Array = known[distances.argmin(axis=1)]
    return nearest


def _found(pictures: Sequence[Picture | None]) -> tuple[Picture, ...]:
    return tuple(picture for picture in pictures if picture is not None)
