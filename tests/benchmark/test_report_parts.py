"""The parts that a report is drawn from."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from benchmark.figures.modes import centres_of, shares
from benchmark.report import marks
from benchmark.report.png import encode_png
from benchmark.report.samples import _nearest
from benchmark.report.scale import Scale, tick_text
from benchmark.runner.images import images_of, tiled


def walked(path):
    """Follow a path of relative moves and give the places at which it draws a dot."""
    here, seen = np.zeros(2, int), []
    for move in re.findall(r"m(-?\d+) ?(-?\d+)h0", path):
        here = here + np.array(move, int)
        seen.append(tuple(here.tolist()))
    return seen


def test_dots_stand_where_the_points_are():
    """Every point, rounded, once for each time it is given."""
    points = [(3.2, 4.0), (0.0, 0.0), (199.6, 12.4), (3.0, 4.4)]
    assert sorted(walked(marks.dots(points))) == [(0, 0), (3, 4), (3, 4), (200, 12)]


def test_a_line_goes_through_its_points():
    """Relative steps, no separator before a minus sign."""
    assert marks.line([(0, 10), (5, 5), (3, 9)]) == "M0 10l5-5-2 4"
    assert marks.line([(1, 2)]) == "M1 2h0"
    assert marks.line([]) == ""
    assert marks.band([(0, 1), (2, 1)], [(0, 0), (2, 0)]) == "M0 1l2 0 0-1-2 0z"


@pytest.mark.parametrize("shape", [(5, 7), (4, 3, 3)])
def test_png_is_read_back_by_another_library(shape):
    """Pillow reads the same pixels, grey and colour."""
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(pixels)))), pixels)


def test_samples_are_read_as_images_by_their_shape():
    """64 values are 8x8, 192 are 8x8 in colour, 2 are none; values from -1 are moved."""
    assert images_of(np.zeros((5, 64))).shape == (5, 8, 8)
    assert images_of(np.zeros((5, 192))).shape == (5, 8, 8, 3)
    assert images_of(np.zeros((5, 3, 4, 4))).shape == (5, 4, 4, 3)
    assert images_of(np.zeros((5, 2))) is None
    assert images_of(np.full((1, 64), np.nan)) is None
    assert images_of(np.array([[-1.0] * 32 + [1.0] * 32])).ravel().tolist() == [0] * 32 + [255] * 32


def test_tiles_leave_a_pixel_between():
    """Five images of 2x2 in rows of three: 8 wide, 5 high, the sixth place empty."""
    sheet = tiled(np.full((5, 2, 2), 7, np.uint8), 3)
    assert sheet.shape == (5, 8)
    assert (sheet == 7).sum() == 20


def test_nearest_is_the_least_distance():
    """Each sample's nearest known point, against the distances themselves."""
    generator = np.random.default_rng(0)
    samples, known = generator.normal(size=(6, 4)), generator.normal(size=(30, 4))
    by_hand = [min(known, key=lambda one, sample=sample: float(((one - sample) ** 2).sum())) for sample in samples]
    assert np.array_equal(_nearest(samples, known), np.array(by_hand))


def test_a_scale_keeps_order_and_ends():
    """Places rise with values within [0, 1]; what lies beyond an end stands at it."""
    scale = Scale.of([0.0, 1.0, 2.0])
    places = [scale.place(value) for value in (-10, 0, 1, 2, 10)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0.0, 1.0)
    assert places[2] == pytest.approx(0.5)


def test_a_wild_value_does_not_press_the_others_together():
    """One diverged row at 1e9 leaves the others apart."""
    scale = Scale.of([0.1, -0.2, 0.3, 0.25, -0.1, 1e9])
    assert scale.place(0.3) - scale.place(-0.2) > 0.1


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 0.0], [1e-300], [float("nan"), 2.0], [1e300, -1e300]])
def test_degenerate_values_have_a_scale(values):
    """Nothing, one value, equal values, extremes: places and ticks exist."""
    scale = Scale.of(values)
    assert all(0.0 <= scale.place(value) <= 1.0 for value in values if value == value)
    assert all(tick_text(tick) for tick in scale.ticks())


def test_ticks_are_round_and_inside():
    """A linear and a logarithmic axis."""
    assert Scale(0.0, 1.0).ticks(4) == [0.0, 0.5, 1.0]
    assert Scale(-2.0, 2.0, logarithmic=True).ticks(4) == [0.01, 0.1, 1.0, 10.0, 100.0]


def test_modes_are_found_and_counted():
    """Centres of a known mixture to a standard error, as one reads them; shares of samples put there by hand."""
    generator = np.random.default_rng(0)
    truth = np.array([(x, y) for y in (4.0, 0.0) for x in (-3.0, 0.0, 3.0)])
    points = truth[generator.integers(6, size=3000)] + 0.1 * generator.normal(size=(3000, 2))
    found = centres_of(points, 6)
    assert np.abs(found - truth).max() < 0.03  # the standard error is 0.1 / sqrt(500) = 0.0045
    samples = np.array([(-3.0, 4.0), (-3.1, 4.1), (3.0, 0.0), (1.5, 2.0), (np.nan, 0.0)])
    assert shares(samples, truth, 0.3).tolist() == [0.4, 0, 0, 0, 0, 0.2, 0.4]
