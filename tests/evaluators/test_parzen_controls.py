"""What stands beside a Parzen score, and why: centroids outrank true samples."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from evaluators import EVALUATORS, InvalidSamples, Truth, kmeans_centroids
from tests.evaluators.builders import normal, seeded


def test_centroids_outrank_true_samples(digit_images):
    """Theis et al. (2016) on digits: k-means centroids score higher than as many training images."""
    images = digit_images[0]
    truth = Truth(reference=images[-500:], validation=images[1097:1297], training=images[:1097])
    found = EVALUATORS["parzen_controls"].run(images[:300], truth, seeded())
    assert found.scores["parzen_kmeans"].value > found.protocol["parzen_kmeans_rival"] + 1.0
    assert found.protocol["parzen_kmeans_n"] == 219
    assert found.protocol["parzen_training_n"] == 300


def test_lloyds_rounds_lower_the_cost():
    """More rounds never leave points farther from their centroid, and separated clusters are found."""
    x = torch.cat([normal(100, 2, i) + 50.0 * i for i in range(3)])
    costs = [
        float(torch.cdist(x, kmeans_centroids(x, 3, seeded(1), rounds)).amin(1).square().sum()) for rounds in range(6)
    ]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(costs))


def test_one_centroid_is_the_mean():
    """Closed form."""
    x = normal(50, 4)
    torch.testing.assert_close(kmeans_centroids(x, 1, seeded())[0], x.mean(0))


def test_more_centroids_than_points_are_refused():
    """The error names both numbers."""
    with pytest.raises(InvalidSamples, match="training holds 5 samples, too few for 6 centroids"):
        kmeans_centroids(normal(5, 2), 6, seeded())
