"""Copies are found, fair samples score what fairness says, and scipy agrees."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import EVALUATORS, InvalidSamples, authenticity, copies, copying_z, duplicates
from evaluators.memorisation import mann_whitney_z
from tests.evaluators.builders import normal, seeded


@settings(max_examples=40, deadline=None)
@given(
    first=st.lists(st.integers(0, 8), min_size=2, max_size=30),
    second=st.lists(st.integers(9, 12) | st.integers(0, 8), min_size=2, max_size=30),
)
def test_scipy_agrees_on_mann_whitney(first, second):
    """Oracle: scipy's asymptotic p-value, ties and all."""
    from scipy.stats import mannwhitneyu, norm

    if len({*first, *second}) == 1:
        return
    a, b = torch.tensor(first, dtype=torch.float64), torch.tensor(second, dtype=torch.float64)
    oracle = mannwhitneyu(first, second, method="asymptotic", use_continuity=False).pvalue
    assert 2.0 * norm.sf(abs(mann_whitney_z(a, b))) == pytest.approx(oracle, rel=1e-9)


def test_values_without_difference_have_no_tendency():
    """All equal: z is 0, not NaN."""
    assert mann_whitney_z(torch.ones(5), torch.ones(7)) == 0.0


def test_fair_samples_score_what_fairness_says():
    """Over 40 draws z is standard normal, and copies and duplicates are the 1 % that held-out data have."""
    rows = []
    for i in range(40):
        x, y, t = normal(300, 3, i), normal(300, 3, i + 100), normal(300, 3, i + 200)
        rows.append([copying_z(x, y, t), copies(x, y, t), duplicates(x, y, seeded())])
    z, copied, duplicated = torch.tensor(rows).T
    assert abs(float(z.mean())) < 4.0 / 40**0.5
    assert float(z.std()) == pytest.approx(1.0, abs=0.35)
    assert float(copied.mean()) == pytest.approx(0.01, abs=0.006)
    assert float(duplicated.mean()) == pytest.approx(0.01, abs=0.008)


def test_a_generator_that_copies_is_caught():
    """Training points with a little noise: z far below zero, no authentic sample, all copies."""
    t, y = normal(400, 3, 1), normal(300, 3, 2)
    x = t[:200] + 1e-6 * normal(200, 3, 3)
    assert copying_z(x, y, t) < -10.0
    assert authenticity(x, t) == 0.0
    assert copies(x, y, t) == 1.0
    assert duplicates(x, y, seeded()) < 0.1


def test_a_generator_that_repeats_itself_is_caught():
    """Ten points, each thirty times: all duplicates, none a copy of the training set."""
    x, y, t = normal(10, 3, 1).repeat(30, 1), normal(300, 3, 2), normal(300, 3, 3)
    assert duplicates(x, y, seeded()) == 1.0
    assert copies(x, y, t) < 0.2


def test_samples_far_away_are_authentic():
    """The upper bound: nothing near the training set."""
    assert authenticity(normal(50, 3) + 100.0, normal(60, 3, 1)) == 1.0
    assert copying_z(normal(50, 3) + 100.0, normal(50, 3, 2), normal(60, 3, 1)) > 8.0


def test_nothing_here_ranks():
    """Noise copies nothing, so that no share may place it above the truth."""
    training, noise = normal(500, 2, 1), 100.0 * normal(300, 2, 2)
    assert authenticity(noise, training) > authenticity(normal(300, 2, 3), training)
    assert {metric.direction for metric in EVALUATORS["memorisation"].metrics.values()} == {"none"}


def test_one_training_point_is_too_few():
    """The error says how many are needed."""
    with pytest.raises(InvalidSamples, match="training has 1 samples; at least 2"):
        authenticity(normal(5, 2), normal(1, 2))
