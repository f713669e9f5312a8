"""Kernel distances against direct sums, torch-fidelity, scipy and known expectations."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import (
    InvalidSamples,
    energy_distance,
    gaussian_mmd2,
    kernel_distance,
    kernel_distance_subsets,
)
from evaluators.discrepancy import cubic, median_distance
from tests.evaluators.builders import normal, seeded


def direct(kernel, x, y):
    """The U-statistic from full kernel matrices."""
    m, n = len(x), len(y)
    a, b = kernel(x, x), kernel(y, y)
    return float(
        (a.sum() - a.trace()) / (m * (m - 1)) + (b.sum() - b.trace()) / (n * (n - 1)) - 2.0 * kernel(x, y).mean()
    )


@settings(max_examples=20, deadline=None)
@given(m=st.integers(3, 1200), n=st.integers(3, 600), d=st.integers(1, 6))
def test_blocks_equal_the_direct_sums(m, n, d):
    """Cubic, Gaussian and energy, across block boundaries."""
    x, y = normal(m, d, 1), normal(n, d, 2) + 0.5
    assert kernel_distance(x, y).value == pytest.approx(direct(cubic, x, y), rel=1e-9, abs=1e-11)

    def gaussian(a, b):
        return (-torch.cdist(a, b).square() / (2.0 * 1.5**2)).exp()

    assert gaussian_mmd2(x, y, 1.5).value == pytest.approx(direct(gaussian, x, y), rel=1e-7, abs=1e-9)
    energy = direct(lambda a, b: -torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist"), x, y)
    assert energy_distance(x, y).value == pytest.approx(energy, rel=1e-7, abs=1e-7)


def test_the_jackknife_leaves_each_sample_out():
    """The closed form of the standard error equals leaving samples out one by one."""
    x, y = normal(12, 2, 1), normal(9, 2, 2) + 1.0
    variances = 0.0
    for s, other, swap in ((x, y, False), (y, x, True)):
        left_out = [torch.cat([s[:i], s[i + 1 :]]) for i in range(len(s))]
        values = torch.tensor([direct(cubic, *((other, r) if swap else (r, other))) for r in left_out])
        variances += float((values - values.mean()).square().sum()) * (len(s) - 1) / len(s)
    assert kernel_distance(x, y).standard_error == pytest.approx(variances**0.5, rel=1e-5)


def test_equal_distributions_average_zero():
    """Unbiased: over 200 pairs the mean of each lies within 4 standard errors of zero."""
    for measure in (kernel_distance, energy_distance, lambda a, b: gaussian_mmd2(a, b, 2.0)):
        values = torch.tensor([measure(normal(60, 3, i), normal(40, 3, i + 5000)).value for i in range(200)])
        assert abs(float(values.mean())) < 4.0 * float(values.std()) / 200**0.5


def test_the_standard_error_covers_the_scatter():
    """For different distributions the jackknife matches the deviation over 200 pairs."""
    scores = [kernel_distance(normal(80, 3, i), normal(80, 3, i + 5000) + 0.7) for i in range(200)]
    values = torch.tensor([score.value for score in scores])
    errors = torch.tensor([score.standard_error for score in scores])
    assert float(values.std()) == pytest.approx(float(errors.mean()), rel=0.2)


def test_disjoint_sets_reach_the_gaussian_bound():
    """Two points far apart, each many times: MMD² is k(x,x) + k(y,y) = 2."""
    x, y = torch.zeros(10, 2, dtype=torch.float64), torch.full((12, 2), 1e3, dtype=torch.float64)
    assert gaussian_mmd2(x, y, 1.0).value == pytest.approx(2.0)
    assert energy_distance(x, y).value == pytest.approx(2.0 * 1e3 * 2**0.5)


def test_scipy_agrees_on_the_energy_distance():
    """Oracle: scipy's one-dimensional energy distance is the root of the V-statistic."""
    from scipy.stats import energy_distance as oracle

    x, y = normal(30, 1, 1), normal(50, 1, 2) + 1.0
    n, m = len(x), len(y)
    within = [float(torch.cdist(s, s).mean()) for s in (x, y)]
    v_statistic = 2.0 * float(torch.cdist(x, y).mean()) - within[0] - within[1]
    assert oracle(x.flatten().numpy(), y.flatten().numpy()) ** 2 == pytest.approx(v_statistic, rel=1e-9)
    unbiased = v_statistic - within[0] / (n - 1) - within[1] / (m - 1)
    assert energy_distance(x, y).value == pytest.approx(unbiased, rel=1e-9)


def test_torch_fidelity_agrees_on_kid():
    """Oracle: torch-fidelity's mean over subsets; one subset of everything is the estimate over all pairs."""
    from torch_fidelity.metric_kid import kid_features_to_metric

    x, y = normal(300, 20, 1), 1.1 * normal(300, 20, 2)
    oracle = kid_features_to_metric(x, y, kid_subsets=1, kid_subset_size=300, verbose=False)
    expected = oracle["kernel_inception_distance_mean"]
    assert kernel_distance(x, y).value == pytest.approx(expected, rel=1e-9)
    assert kernel_distance_subsets(x, y, seeded(), 1, 300) == pytest.approx(expected, rel=1e-9)


def test_subsets_scatter_around_all_pairs():
    """The subset protocol estimates the same number with noise of its own."""
    x, y = normal(500, 10, 1), 1.2 * normal(500, 10, 2)
    whole = kernel_distance(x, y)
    assert kernel_distance_subsets(x, y, seeded(), 60, 100) == pytest.approx(whole.value, abs=whole.standard_error)


def test_wrong_settings_are_named():
    """Subsets larger than the set, a bandwidth of zero, a reference without spread, two samples."""
    x = normal(10, 2)
    with pytest.raises(InvalidSamples, match="first has 10 samples; subsets of 1000 need at least 1000"):
        kernel_distance_subsets(x, x, seeded())
    with pytest.raises(InvalidSamples, match=r"bandwidth must be positive, got 0\.0"):
        gaussian_mmd2(x, x, 0.0)
    with pytest.raises(InvalidSamples, match="reference has the same point 5 times"):
        median_distance(torch.ones(5, 2), seeded())
    with pytest.raises(InvalidSamples, match="first has 2 samples; at least 3"):
        kernel_distance(x[:2], x)
