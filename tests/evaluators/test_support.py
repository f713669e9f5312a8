"""Triangles are those of the paper's notebook, the distance is the least there is, and precision and recall are exact.

Oracles: matplotlib's point-in-polygon test for the images, SciPy's differential evolution for the distances.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.path import Path
from scipy.optimize import differential_evolution

from evaluators import Support, Truth, evaluate
from evaluators.support import f1
from evaluators.triangles import SIDE, corners, parameters, squared_distance, triangles
from tests.evaluators.builders import seeded

NEAR = 0.75
FINE = 32  # points of a pixel's side


def drawn(count, seed):
    """Draw images of triangles."""
    return triangles(parameters(count, seeded(seed)))


def by_points(polygon):
    """Count the points of a fine grid outside of a polygon, as the notebook does with 8x8 points a pixel."""
    grid = (np.mgrid[0 : SIDE * FINE, 0 : SIDE * FINE].reshape(2, -1).T + 0.5) / FINE
    outside = ~Path(polygon).contains_points(grid)
    return outside.reshape(SIDE, FINE, SIDE, FINE).mean((1, 3))


def test_a_pixel_is_the_share_of_its_area_outside_the_triangle():
    """As matplotlib finds it point by point, up to what 32x32 points can tell."""
    found = parameters(5, seeded(1))
    for image, polygon in zip(triangles(found)[:, 0], corners(found), strict=True):
        assert np.abs(image.numpy() - by_points(polygon.numpy())).max() < 0.5 / FINE


def test_corners_keep_the_notebooks_rules():
    """On a circle of 10.5 pixels, at least 10 degrees apart, their mean in the middle; no pixel is cut off."""
    found = corners(parameters(2_000, seeded(2)))
    assert torch.allclose(found.mean(1), torch.full((2,), SIDE / 2.0, dtype=torch.float64))
    a, b, c = ((found[:, i] - found[:, i - 1]).norm(dim=1) for i in range(3))
    u, v = (found[:, i] - found[:, 0] for i in (1, 2))
    area = (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).abs() / 2.0
    assert torch.allclose(a * b * c / (4.0 * area), torch.tensor(0.75 * SIDE / 2.0).double())  # of the circle around it
    assert float(torch.stack([a, b, c]).min()) > 2.0 * 10.5 * np.sin(np.deg2rad(5.0)) - 1e-9
    assert float(found.min()) >= 0.0
    assert float(found.max()) <= SIDE
    images = triangles(parameters(50, seeded(3)))
    assert torch.allclose((1.0 - images).flatten(1).sum(1)[:50], area_of(parameters(50, seeded(3))))


def area_of(found):
    """Return the areas of triangles by their corners."""
    points = corners(found)
    u, v = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    return (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).abs() / 2.0


def test_a_triangle_lies_on_the_support():
    """Its distance is what rounding to bytes adds, far below the threshold."""
    images = (255.0 * drawn(200, 4)).round() / 255.0
    assert float(squared_distance(images).max()) < 0.01


def test_the_distance_is_the_least_that_differential_evolution_finds():
    """On images far from all triangles: the mean of two, and noise."""
    pair = drawn(2, 5)
    images = torch.cat([(pair[:1] + pair[1:]) / 2.0, torch.rand(1, 1, SIDE, SIDE, generator=seeded(6))]).double()
    for image, found in zip(images, squared_distance(images), strict=True):

        def gap(x, image=image):
            return float((triangles(torch.from_numpy(x[None])) - image).square().sum())

        best = differential_evolution(gap, [(0.0, 1.0)] * 4, seed=0, maxiter=30, popsize=8).fun
        assert float(found) == pytest.approx(best, rel=0.05)


def test_noise_adds_its_own_length():
    """Of 784 directions the support has but three: a noisy triangle is nearly as far as the noise is long."""
    noise = 0.1 * torch.randn(100, 1, SIDE, SIDE, generator=seeded(7), dtype=torch.float64)
    ratio = squared_distance(drawn(100, 8) + noise) / noise.square().flatten(1).sum(1)
    assert 0.97 < float(ratio.min()) <= float(ratio.median()) < 1.0


def test_precision_and_recall_of_known_sets():
    """A quarter of blank images and 60 of 100 held-out ones: 3/4 and 6/10, whatever else is drawn."""
    held_out = drawn(100, 9)
    blank = torch.full((20, 1, SIDE, SIDE), 0.5, dtype=torch.float64)
    samples = torch.cat([held_out[:60], blank])
    truth = Truth(held_out, limits=(0.0, 1.0), support=Support(squared_distance, NEAR))
    found = evaluate(samples, truth, names=["support"]).scores
    alike = (torch.cdist(held_out.flatten(1), held_out[:60].flatten(1)).square().amin(1) < NEAR).double().mean()
    assert found["support_precision"].value == 0.75
    assert found["support_recall"].value == pytest.approx(float(alike))
    assert float(alike) >= 0.6
    assert found["support_f1"].value == pytest.approx(f1(0.75, float(alike)))
    assert found["support_distance"].value == pytest.approx(float(squared_distance(blank[:1])) / 4.0, abs=0.01)


def test_a_collapsed_generator_is_precise_and_recalls_nothing():
    """One triangle a hundred times; and where nothing is near, F1 is 0."""
    held_out = drawn(100, 10)
    truth = Truth(held_out, limits=(0.0, 1.0), support=Support(squared_distance, NEAR))
    one = evaluate(drawn(1, 11).repeat(100, 1, 1, 1), truth, names=["support"]).scores
    assert one["support_precision"].value == 1.0
    assert one["support_recall"].value <= 0.02
    nothing = evaluate(torch.zeros(30, 1, SIDE, SIDE), truth, names=["support"]).scores
    assert (nothing["support_precision"].value, nothing["support_f1"].value) == (0.0, 0.0)
