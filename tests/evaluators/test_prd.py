"""Curves of precision and recall against closed forms and the authors' recipe on scikit-learn's clusters."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluators import Curve, precision_recall_curve
from evaluators.clusters import lloyd, spread_start
from evaluators.prd import curve_of_shares
from evaluators.subsets import draw as subset
from tests.evaluators.builders import draw, normal, ring, seeded


def shares(*values):
    """Shares as a tensor."""
    return torch.tensor(values, dtype=torch.float64)


def test_equal_and_disjoint_laws():
    """Equal laws reach (1, 1); laws without a common cell stay at (0, 0)."""
    same = curve_of_shares(shares(0.2, 0.3, 0.5), shares(0.2, 0.3, 0.5))
    assert (same.best(8.0), same.best(1 / 8.0)) == pytest.approx((1.0, 1.0), abs=1e-6)
    apart = curve_of_shares(shares(1.0, 0.0), shares(0.0, 1.0))
    assert (apart.best(8.0), apart.best(1 / 8.0)) == (0.0, 0.0)


def test_half_of_the_modes_has_precision_one_and_recall_one_half():
    """Closed form: p over two cells, q on one: α = min(λ/2, 1), β = α/λ; F is largest in the corner (1, 1/2)."""
    found = curve_of_shares(shares(0.5, 0.5), shares(1.0, 0.0))
    assert float(found.precision.max()) == pytest.approx(1.0)
    assert float(found.recall.max()) == pytest.approx(0.5)
    for beta in (8.0, 1 / 8.0):
        assert found.best(beta) == pytest.approx((1 + beta**2) * 0.5 / (beta**2 + 0.5), rel=2e-3)
    swapped = curve_of_shares(shares(1.0, 0.0), shares(0.5, 0.5))
    assert swapped.best(8.0) == pytest.approx(found.best(1 / 8.0), rel=1e-9)


def test_the_curve_is_symmetric():
    """Theorem 2 of the paper's section 3: exchanging the laws exchanges precision and recall."""
    p, q = torch.rand(2, 20, generator=seeded(), dtype=torch.float64)
    one, other = curve_of_shares(p / p.sum(), q / q.sum()), curve_of_shares(q / q.sum(), p / p.sum())
    assert torch.allclose(one.precision, other.recall.flip(0), atol=1e-6)


def recipe(real, fake, seed):
    """The authors' `compute_prd_from_embedding` in their own steps, on NumPy and scikit-learn."""
    from sklearn.cluster import MiniBatchKMeans

    both = np.vstack([fake, real])
    slopes = np.tan(np.linspace(1e-10, np.pi / 2 - 1e-10, 1001))[:, None]
    precisions, recalls = [], []
    for repeat in range(10):
        labels = MiniBatchKMeans(20, n_init=10, random_state=100 * seed + repeat).fit(both).labels_
        q, p = (np.bincount(part, minlength=20) / len(part) for part in np.split(labels, [len(fake)]))
        precision = np.minimum(p * slopes, q).sum(1)
        precisions.append(precision)
        recalls.append(precision / slopes[:, 0])
    return Curve(torch.tensor(np.mean(precisions, 0)), torch.tensor(np.mean(recalls, 0)))


def test_it_agrees_with_the_authors_recipe():
    """Oracle: the recipe above, and the authors' own code (df840ad) run on the same three sets over eight draws.

    Theirs gave F8 of 0.9917, 0.598 and 0.959 and F1/8 of 0.9893, 0.961 and 0.523, with deviations up to 0.008.
    """
    modes = ring(0.05)
    real, same = draw(modes, 1000, 1), draw(modes, 1000, 2)
    half = same[same[:, 0] > 0].repeat(3, 1)[:1000]
    published = ((0.9917, 0.9893), (0.598, 0.961), (0.959, 0.523))
    for fake, known in zip((same, half, same + 0.3 * normal(1000, 2, 9)), published, strict=True):
        ours, theirs = precision_recall_curve(real, fake, seeded()), recipe(real.numpy(), fake.numpy(), 0)
        for beta, value in zip((8.0, 1 / 8.0), known, strict=True):
            assert ours.best(beta) == pytest.approx(theirs.best(beta), abs=0.025)
            assert ours.best(beta) == pytest.approx(value, abs=0.025)


def test_the_larger_set_is_drawn_down():
    """Clusters of unequal sets would follow the larger one."""
    x = normal(600, 2)
    found = precision_recall_curve(x, x[:300], seeded())
    assert found.best(8.0) > 0.9


def test_a_collapse_within_clusters_is_not_seen():
    """What is known to be wrong with it: with more modes than clusters, every mode may collapse to its centre."""
    modes = ring(0.05, 20)
    collapsed = draw(ring(1e-9, 20), 2000, 3)
    found = precision_recall_curve(draw(modes, 2000, 1), collapsed, seeded())
    assert found.best(8.0) > 0.9
    assert found.best(1 / 8.0) > 0.9


def test_a_spread_start_finds_the_clusters():
    """K-means++ ends at smaller squares than random points do, on average over eight draws."""
    x = draw(ring(0.05), 500, 4)

    def squares(start, seed):
        found = lloyd(x, 8, seeded(seed), 10, start)
        return float((x - found.centroids[found.members]).square().sum())

    assert sum(squares(spread_start, i) for i in range(8)) < 0.7 * sum(squares(subset, i) for i in range(8))
    assert len(spread_start(x[:1].repeat(30, 1), 8, seeded())) == 8
