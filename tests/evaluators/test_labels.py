"""I' and label coverage at hand-computed values."""

from __future__ import annotations

import math

import pytest
import torch

from evaluators import label_coverage, modified_inception_score
from tests.evaluators.builders import normal, seeded


def test_the_modified_score_is_the_squared_reversed_divergence():
    """Hand-computed for two rows (0.8, 0.2) and (0.2, 0.8): both KL are ½ log(.5/.8) + ½ log(.5/.2)."""
    rows = torch.tensor([[0.8, 0.2], [0.2, 0.8]], dtype=torch.float64)
    kl = 0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.5 / 0.2)
    found = modified_inception_score(rows)
    assert found.value == pytest.approx(kl**2)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)


def test_equal_rows_score_zero_and_certain_ones_stay_finite():
    """The lower bound 0; a probability of exactly zero counts as the smallest float64."""
    same = torch.tensor([[0.5, 0.3, 0.2]], dtype=torch.float64).repeat(9, 1)
    assert modified_inception_score(same).value == pytest.approx(0.0, abs=1e-20)
    certain = torch.eye(4, dtype=torch.float64)
    assert math.isfinite(modified_inception_score(certain).value)
    assert modified_inception_score(certain).value > 1e4


def test_the_order_of_the_divergence_matters():
    """Scipy's entropy with p(y) first, squared."""
    from scipy.stats import entropy

    p = normal(50, 6).softmax(1)
    marginal = p.mean(0).numpy()
    expected = sum(entropy(marginal, row.numpy()) ** 2 for row in p) / 50
    assert modified_inception_score(p).value == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("classes", [2, 10])
def test_label_coverage_runs_from_one_class_to_all(classes):
    """All classes equally often is 1, one class alone 0."""
    certain = torch.eye(classes, dtype=torch.float64)
    assert label_coverage(certain.repeat(5, 1)) == pytest.approx(1.0)
    assert label_coverage(certain[:1].repeat(5, 1)) == 0.0


def test_a_balanced_sampler_stays_below_one_as_stated():
    """Over 300 draws the mean is 1 - (C - 1)/(2 N log C)."""
    certain = torch.eye(10, dtype=torch.float64)
    draws = [certain[torch.randint(10, (200,), generator=seeded(i))] for i in range(300)]
    mean = sum(label_coverage(rows) for rows in draws) / 300
    assert mean == pytest.approx(1.0 - 9.0 / (400.0 * math.log(10.0)), abs=0.001)
