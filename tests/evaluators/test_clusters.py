"""K-means: Lloyd's algorithm on one level, and two levels that are as good for many centroids."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from evaluators import InvalidSamples
from evaluators.clusters import SMALL, kmeans, lloyd, shared_out
from evaluators.subsets import draw as subset
from tests.evaluators.builders import draw, normal, ring, seeded


def within(x, found):
    """The sum of squared distances to the own centroid."""
    return float((x - found.centroids[found.members]).square().sum())


def test_one_level_is_as_good_as_scikit_learns():
    """Lloyd's algorithm from random points, by another library from the same start."""
    x = normal(400, 5)
    start = subset(x, 20, seeded()).numpy()
    oracle = KMeans(20, init=start, n_init=1, max_iter=10, tol=0.0, algorithm="lloyd").fit(x.numpy())
    found = lloyd(x, 20, seeded(), 10)
    assert within(x, found) == pytest.approx(oracle.inertia_, rel=1e-3)


def test_two_levels_are_nearly_as_good_as_one():
    """For 600 centroids of 3,000 points without structure within 15 %, and no centroid takes too many."""
    x = normal(3000, 8)
    one, two = lloyd(x, 600, seeded(1), 10), kmeans(x, 600, seeded(1))
    assert len(two.centroids) == 600
    assert within(x, two) < 1.15 * within(x, one)
    counts = torch.bincount(two.members, minlength=600)
    assert int(counts.max()) < 60


def test_separate_modes_are_found():
    """Eight far clusters and eight centroids, whatever a bad start leaves empty or shares."""
    x = draw(ring(0.01), 800)
    best = min((kmeans(x, 8, seeded(seed)) for seed in range(8)), key=lambda found: within(x, found))
    assert within(x, best) < 800 * 2 * 0.0002


@settings(deadline=None, max_examples=200)
@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=30), share=st.floats(0.0, 1.0))
def test_centroids_are_shared_out_by_size(counts, share):
    """As many as asked for, never more than a cell has points; the parts sum up."""
    cells = sum(count > 0 for count in counts)
    k = max(cells, round(share * sum(counts)))
    if sum(counts):
        parts = shared_out(k, counts)
        assert sum(parts) == k
        assert all(0 <= part <= count for part, count in zip(parts, counts, strict=True))


def test_too_many_centroids_are_refused():
    """The error says how many there may be."""
    with pytest.raises(InvalidSamples, match=f"has 5 samples, too few for {SMALL + 1} centroids"):
        kmeans(normal(5, 2), SMALL + 1, seeded())
