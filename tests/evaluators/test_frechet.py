"""Fréchet distance and moments against closed forms, scipy and torch-fidelity."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import (
    InvalidSamples,
    feature_moments,
    frechet_distance,
    frechet_distance_of_moments,
    frechet_infinity,
    merge_moments,
)
from evaluators.frechet import congruence, trace_of_root
from tests.evaluators.builders import normal, seeded


def correlated(n, d, seed):
    """Features with a power-law spectrum and unequal means, as networks give them."""
    mixing = normal(d, d, 77) * (1.0 + torch.arange(d, dtype=torch.float64)) ** -0.7
    return (normal(n, d, seed) @ mixing.T).clamp(min=-0.5) + 0.1 * seed


def by_qr(x, y):
    """Reference: nuclear norm of R₁R₂ᵀ from QR of the centred features, which squares no condition number."""
    roots = [torch.linalg.qr((f - f.mean(0)) / (len(f) - 1) ** 0.5).R for f in (x, y)]
    traces = sum(float(root.square().sum()) for root in roots)
    gap = float((x.mean(0) - y.mean(0)).square().sum())
    return gap + traces - 2.0 * float(torch.linalg.svdvals(roots[0] @ roots[1].T).sum())


@pytest.mark.parametrize(
    ("n", "m", "d"),
    [(500, 400, 16), (300, 300, 64), (40, 50, 64), (40, 500, 64), (500, 40, 64), (64, 64, 64), (2, 2, 3)],
)
def test_every_rank_agrees_with_the_qr_reference(n, m, d):
    """Full rank, either side deficient, both deficient: relative error below 1e-9."""
    x, y = correlated(n, d, 1), correlated(m, d, 2)
    assert frechet_distance(x, y) == pytest.approx(by_qr(x, y), rel=1e-9)


def test_constant_features_of_many_samples_are_handled_by_rank():
    """Dead features make both covariances singular although N exceeds d."""
    x, y = correlated(300, 30, 1), correlated(300, 30, 2)
    x[:, 10:], y[:, 20:] = 0.0, 0.0
    assert frechet_distance(x, y) == pytest.approx(by_qr(x, y), rel=1e-9)


def test_equal_covariances_leave_the_squared_distance_of_the_means():
    """Closed form: FD(X, X + c) = |c|²."""
    x = correlated(200, 20, 1)
    shift = normal(1, 20, 5)
    assert frechet_distance(x, x + shift) == pytest.approx(float(shift.square().sum()), rel=1e-9)


def test_a_scaled_copy_has_the_commuting_closed_form():
    """Closed form: FD of X and cX about the mean is (1 - c)² tr Σ."""
    x = correlated(200, 20, 1)
    x = x - x.mean(0)
    assert frechet_distance(x, 3.0 * x) == pytest.approx(4.0 * float(torch.cov(x.T).trace()), rel=1e-9)


def test_one_dimension_is_the_textbook_form():
    """(a - b)² + (s - t)² for sets of exactly these means and deviations."""
    x = torch.tensor([[-1.0], [1.0]], dtype=torch.float64) / 2**0.5  # mean 0, deviation 1 with ddof 1
    assert frechet_distance(1.0 + 2.0 * x, 4.0 + 5.0 * x) == pytest.approx(9.0 + 9.0, rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(300, 20), (20, 300)])
def test_a_set_has_no_distance_to_itself(n, d):
    """FD(X, X) is zero up to rounding, never negative."""
    x = correlated(n, d, 1)
    assert 0.0 <= frechet_distance(x, x) < 1e-9 * float(x.square().sum() / n)


@pytest.mark.parametrize(("n", "d"), [(600, 64), (50, 64)])
def test_torch_fidelity_agrees(n, d):
    """Oracle: torch-fidelity's own statistics and distance (numpy.cov, eigvals of the product)."""
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    x, y = correlated(n, d, 1), correlated(n, d, 2)
    oracle = fid_statistics_to_metric(fid_features_to_statistics(x), fid_features_to_statistics(y), verbose=False)
    assert frechet_distance(x, y) == pytest.approx(oracle["frechet_inception_distance"], rel=1e-5 if n < d else 1e-9)


@pytest.mark.parametrize("d", [1, 255, 256, 600])
def test_panels_give_the_lower_triangle_of_the_product(d):
    """LᵀSL by panels equals the two full products where eigvalsh reads it."""
    factor, root = normal(d, d, 1).tril(), normal(d, d, 2)
    full = factor.T @ (root @ root.T) @ factor
    got = congruence(factor, root @ root.T)
    torch.testing.assert_close(got.tril(), full.tril(), rtol=1e-10, atol=1e-9 * float(full.abs().max()))


def test_scipy_agrees():
    """Oracle: trace of scipy's Schur matrix root of the product."""
    from scipy.linalg import sqrtm

    one, two = torch.cov(correlated(400, 24, 1).T), torch.cov(correlated(400, 24, 2).T)
    assert trace_of_root(one, two) == pytest.approx(np.trace(sqrtm((one @ two).numpy())).real, rel=1e-10)


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 199), min_size=1, max_size=5, unique=True), offset=st.sampled_from([0.0, 1e4, 1e7]))
def test_moments_of_shards_merge_to_those_of_the_whole(cuts, offset):
    """Any partition, any order, and means that dwarf the spread."""
    x = normal(200, 5) + offset
    shards = [feature_moments(part) for part in torch.tensor_split(x, sorted(cuts))]
    merged = shards[-1]
    for shard in shards[:-1]:
        merged = merge_moments(merged, shard)
    whole = feature_moments(x)
    assert merged.n == 200
    torch.testing.assert_close(merged.mean, x.mean(0), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(merged.covariance, torch.cov(x.T), rtol=1e-7, atol=1e-7)
    assert frechet_distance_of_moments(merged, whole) < 1e-6


def test_the_extrapolation_removes_the_bias():
    """Ten pairs of one distribution: the mean intercept is a small part of the mean biased distance."""
    everything = correlated(30_000, 24, 1)
    y, xs = everything[:20_000], everything[20_000:].split(1000)
    lines = [frechet_infinity(x, y, seeded(i)) for i, x in enumerate(xs)]
    distances = [frechet_distance(x, y) for x in xs]
    assert (lines[0].smallest, lines[0].largest) == (100, 1000)
    assert all(line.slope > 0.0 for line in lines)
    assert abs(sum(line.intercept for line in lines)) < 0.3 * sum(distances)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_values_that_are_no_numbers_are_named(bad):
    """NaN never comes back: the error names the argument and how many samples are wrong."""
    x = normal(10, 3)
    x[4, 1] = bad
    with pytest.raises(InvalidSamples, match="second has 1 of 10 samples that are not finite"):
        frechet_distance(normal(10, 3), x)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (torch.zeros(1, 3), "first has 1 samples; at least 2"),
        (torch.zeros(5, 4), r"first has the shape \[N, 4\] but second \[N, 3\]"),
        (torch.zeros(5), r"first must have shape \[N, \*data\], got \[5\]"),
        (torch.zeros(5, 0), r"first must have shape \[N, \*data\], got \[5, 0\]"),
        (torch.zeros(0, 3), "first has 0 samples"),
        (torch.zeros(5, 3, dtype=torch.uint8), "first must be a floating-point tensor, got torch.uint8"),
        ([1.0, 2.0], "first must be a floating-point tensor or NumPy array, got list"),
    ],
)
def test_wrong_samples_are_named(first, words):
    """Too few, wrongly shaped, of another kind: one sentence with the argument and the numbers."""
    with pytest.raises(InvalidSamples, match=words):
        frechet_distance(first, normal(10, 3))


def test_a_collapsed_set_still_has_a_distance():
    """All samples at one point is what a collapsed generator gives: finite, |c - μ|² + tr Σ."""
    y = correlated(200, 10, 1)
    expected = float((1.0 - y.mean(0)).square().sum() + torch.cov(y.T).trace())
    assert frechet_distance(torch.ones(100, 10), y) == pytest.approx(expected, rel=1e-9)


def test_the_extrapolation_stays_off_nearly_singular_covariances():
    """Equal laws of 96 dimensions extrapolate to what the reference's own N costs; too few samples are refused."""
    d, n, m = 96, 500, 2_000
    x, y = normal(n, d, 1), normal(m, d, 2)
    line = frechet_infinity(x, y, seeded(3))
    assert line.smallest == 192
    floor = d * d / (4 * m)  # of the second set alone, to first order
    assert 0.2 * floor < line.intercept < 1.5 * floor  # from N/10 on it comes out below zero
    with pytest.raises(InvalidSamples, match="380 samples of 96 dimensions, too few for 15 different sizes from 192"):
        frechet_infinity(x[:380], y, seeded(3))


def test_the_extrapolation_takes_a_second_set_of_lower_rank():
    """Fewer points than dimensions on the other side: the same line as from one distance after another."""
    x, y = normal(200, 12, 4), normal(8, 12, 5)
    found = frechet_infinity(x, y, seeded(6), sizes=3)
    generator, sizes = seeded(6), (24, 112, 200)
    chosen = [torch.randperm(200, generator=generator)[:n] for n in sizes]
    distances = [frechet_distance(x[rows], y) for rows in chosen]
    slope, intercept = np.polyfit([1 / n for n in sizes], distances, 1)
    assert found.intercept == pytest.approx(intercept)
    assert found.slope == pytest.approx(slope)
