"""Precision, recall, density and coverage against prdc, torch-fidelity and known expectations."""

from __future__ import annotations

import contextlib
import io

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import InvalidSamples, improved_precision_recall, precision_recall_density_coverage
from evaluators.distances import neighbour_distances, squared_distances
from tests.evaluators.builders import draw, normal, ring


def direct(real, fake, k, closed=False):
    """All distances at once, by exact differences."""
    within = [torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist") for x in (real, fake)]
    r, s = (distances.fill_diagonal_(torch.inf).sort(1).values[:, k - 1] for distances in within)
    d = torch.cdist(real, fake, compute_mode="donot_use_mm_for_euclid_dist")
    inside, recalled = (d <= r[:, None], d <= s) if closed else (d < r[:, None], d < s)
    shares = [inside.any(0), recalled.any(1), inside.double().sum(0) / k, inside.any(1)]
    return [float(share.double().mean()) for share in shares]


@settings(max_examples=20, deadline=None)
@given(n=st.integers(8, 700), m=st.integers(8, 700), d=st.integers(1, 8), k=st.integers(1, 7), gap=st.floats(0, 3))
def test_blocks_equal_the_direct_computation(n, m, d, k, gap):
    """Any two sizes, below and above the block: the same shares as from all distances at once."""
    real, fake = normal(n, d, 1), normal(m, d, 2) + gap
    found = precision_recall_density_coverage(real, fake, k)
    expected = direct(real, fake, k)
    got = [found.precision, found.recall, found.density, found.coverage]
    assert got == pytest.approx(expected, abs=1e-12)
    assert improved_precision_recall(real, fake, k) == pytest.approx(direct(real, fake, k, True)[:2], abs=1e-12)


@pytest.mark.parametrize(("n", "m", "d"), [(400, 600, 3), (1200, 1100, 32)])
def test_prdc_agrees(n, m, d):
    """Oracle: the package of Naeem et al."""
    package = pytest.importorskip("prdc")
    real, fake = normal(n, d, 1), 0.8 * normal(m, d, 2) + 0.3
    with contextlib.redirect_stdout(io.StringIO()):
        oracle = package.compute_prdc(real.numpy(), fake.numpy(), nearest_k=5)
    found = precision_recall_density_coverage(real, fake)
    assert {name: getattr(found, name) for name in oracle} == pytest.approx(oracle, abs=1e-12)


def test_torch_fidelity_agrees():
    """Oracle: torch-fidelity's precision and recall, which use closed balls and take the generated set first."""
    from torch_fidelity.metric_prc import prc_features_to_metric

    real, fake = normal(700, 16, 1), 0.9 * normal(800, 16, 2)
    oracle = prc_features_to_metric(
        fake, real, prc_neighborhood=3, prc_batch_size=10_000, verbose=False, save_cpu_ram=False
    )
    assert improved_precision_recall(real, fake) == pytest.approx((oracle["precision"], oracle["recall"]), abs=2e-3)


def test_equal_distributions_have_unit_density():
    """The density's expectation is 1, precision equals recall in expectation."""
    found = [precision_recall_density_coverage(normal(1000, 4, i), normal(1000, 4, i + 50)) for i in range(8)]
    assert sum(f.density for f in found) / 8 == pytest.approx(1.0, abs=0.03)
    assert sum(f.precision - f.recall for f in found) / 8 == pytest.approx(0.0, abs=0.02)
    # Coverage: each of 2N - 1 others is as likely to come next, so no fake among k is about 2^-k (Naeem et al.).
    assert sum(f.coverage for f in found) / 8 == pytest.approx(1.0 - 2.0**-5, abs=0.01)


def test_disjoint_sets_score_zero():
    """The lower bound of all four, open balls and closed."""
    real, fake = normal(100, 3, 1), normal(100, 3, 2) + 1e3
    found = precision_recall_density_coverage(real, fake)
    assert (found.precision, found.recall, found.density, found.coverage) == (0.0, 0.0, 0.0, 0.0)
    assert improved_precision_recall(real, fake) == (0.0, 0.0)


def test_a_collapsed_set_recalls_nothing():
    """Copies of one real point: precise, and with radii of zero that reach nothing, although rounding is not zero."""
    real = normal(300, 20) + 5.0
    found = precision_recall_density_coverage(real, real[:1].repeat(50, 1))
    assert found.precision == 1.0
    assert found.recall == 0.0
    assert found.coverage < 0.1


def test_one_far_outlier_blurs_no_other_ball():
    """A sample at 10⁵ lowers the recall of two equal rings by nothing but its own share."""
    modes = ring()
    real, fake = draw(modes, 1_000, 1), draw(modes, 1_000, 3)
    before = precision_recall_density_coverage(real, fake)
    fake[0] = 1e5
    after = precision_recall_density_coverage(real, fake)
    assert abs(after.recall - before.recall) < 0.01
    assert abs(after.precision - before.precision) < 0.002


def test_too_few_points_for_k_are_named():
    """The error says which set, how many, and how many are needed."""
    with pytest.raises(InvalidSamples, match="fake has 5 samples; k = 5 needs at least 6"):
        precision_recall_density_coverage(normal(10, 2), normal(5, 2))


@settings(max_examples=15, deadline=None)
@given(n=st.integers(6, 1300), k=st.integers(1, 5))
def test_neighbours_from_half_the_blocks_equal_those_from_all(n, k):
    """The upper triangle of blocks finds the k nearest others of every point."""
    x = normal(n, 3, n)
    full = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").fill_diagonal_(torch.inf)
    expected = full.sort(1).values[:, :k].square()
    torch.testing.assert_close(neighbour_distances(x, k), expected, rtol=1e-9, atol=1e-12)


def test_the_caller_keeps_its_points():
    """Blocks overwrite their own buffer alone."""
    x, y = normal(20, 3, 1), normal(30, 3, 2)
    before = x.clone(), y.clone()
    for part in squared_distances(x, y, block=7):
        part.values.zero_()
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])
