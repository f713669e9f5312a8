"""The 2014 Parzen protocol against scikit-learn, numpy and closed forms."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import EVALUATORS, FINE_GRID, PAPER_GRID, InvalidSamples, Truth, parzen_log_density, parzen_score
from evaluators.subsets import draw
from tests.evaluators.builders import normal, seeded


def unit(n, d, seed=0):
    """Uniform values in [0, 1)."""
    return torch.rand(n, d, generator=seeded(seed), dtype=torch.float64)


def direct(x, mu, sigma):
    """The formula of `parzen_ll.py`, broadcast, in numpy."""
    a = ((x[:, None, :] - mu[None, :, :]) / sigma) ** 2
    e = -0.5 * a.sum(2)
    top = e.max(1)
    return top + np.log(np.mean(np.exp(e - top[:, None]), 1)) - mu.shape[1] * np.log(sigma * np.sqrt(np.pi * 2))


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 300),
    m=st.integers(1, 60),
    d=st.integers(1, 20),
    sigma=st.floats(0.01, 10.0),
    shift=st.floats(-5, 5),
)
def test_log_density_equals_the_direct_formula(n, m, d, sigma, shift):
    """Blocks, shared distances and the clamp change nothing against the broadcast formula."""
    x, mu = unit(n, d, 1) + shift, unit(m, d, 2)
    got = parzen_log_density(x, mu, (sigma, 2.0 * sigma))
    for row, s in zip(got, (sigma, 2.0 * sigma), strict=True):
        expected = direct(x.numpy(), mu.numpy(), s)
        np.testing.assert_allclose(row.numpy(), expected, rtol=1e-9, atol=1e-9)


def test_log_density_integrates_to_one():
    """In one dimension the density sums to one over a fine grid."""
    line = torch.linspace(-3, 4, 7001, dtype=torch.float64)[:, None]
    density = parzen_log_density(line, unit(20, 1), (0.2,))[0].exp()
    assert float(density.sum()) * 0.001 == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("sigma", [0.1, 0.2, 0.5])
def test_log_density_equals_scikit_learn_with_one_leaf(sigma):
    """KernelDensity is exact where no leaf is approximated: leaf_size at least the number of centres."""
    from sklearn.neighbors import KernelDensity

    x, mu = unit(50, 100, 1), unit(400, 100, 2)
    oracle = KernelDensity(bandwidth=sigma, leaf_size=len(mu)).fit(mu.numpy()).score_samples(x.numpy())
    np.testing.assert_allclose(parzen_log_density(x, mu, (sigma,))[0].numpy(), oracle, atol=1e-8)


def test_scikit_learn_by_default_is_wrong_in_high_dimension():
    """Why the default must not be used: scikit-learn issue 25799, its trees flatter the score by many nats."""
    from sklearn.neighbors import KernelDensity

    x, mu = unit(40, 784, 1), unit(2000, 784, 2)
    exact = float(parzen_log_density(x, mu, (0.2,)).mean())
    default = float(np.mean(KernelDensity(bandwidth=0.2).fit(mu.numpy()).score_samples(x.numpy())))
    assert default > exact + 10.0


def test_the_grid_is_the_papers():
    """logspace(-1, 0, 10), and a fine one of 61 values that contains its ends."""
    np.testing.assert_allclose(PAPER_GRID, np.logspace(-1, 0, 10), rtol=1e-14)
    np.testing.assert_allclose(FINE_GRID, np.logspace(-2, 0, 61), rtol=1e-13)


def test_the_protocol_is_that_of_2014():
    """Sigma from 1,000 random validation points alone; mean and population-std error over test points."""
    samples, test = unit(200, 4, 1), unit(150, 4, 2)
    validation = torch.cat([unit(1000, 4, 3), 1e-3 * unit(500, 4, 4)])
    found = parzen_score(samples, test, validation, seeded())
    seen = draw(validation, 1000, seeded()).numpy()
    scores = [direct(seen, samples.numpy(), sigma).mean() for sigma in PAPER_GRID]
    assert found.sigma == PAPER_GRID[int(np.argmax(scores))]
    expected = direct(test.numpy(), samples.numpy(), found.sigma)
    assert found.mean == pytest.approx(expected.mean(), abs=1e-10)
    assert found.standard_error == pytest.approx(expected.std() / math.sqrt(150), abs=1e-12)
    assert (found.n_samples, found.n_validation, found.n_test, found.d) == (200, 1000, 150, 4)


def test_the_fine_grid_is_an_option():
    """A finer grid finds a sigma between the paper's, and a mean score at tuning that is no lower."""
    samples, validation = unit(300, 20, 1), unit(200, 20, 2)
    coarse, fine = (parzen_score(samples, validation, validation, seeded(), grid) for grid in (PAPER_GRID, FINE_GRID))
    assert min(abs(fine.sigma - sigma) for sigma in PAPER_GRID) > 1e-3
    assert fine.mean > coarse.mean


def test_the_scale_of_the_pixels_moves_the_score_as_derived():
    """Dividing all by 256 for 255 adds d log(256/255) at the matching sigma: 3.07 nats at d = 784."""
    x, mu = unit(20, 784, 1), unit(30, 784, 2)
    ratio = 255.0 / 256.0
    moved = parzen_log_density(ratio * x, ratio * mu, (ratio * 0.2,)) - parzen_log_density(x, mu, (0.2,))
    assert float(moved.mean()) == pytest.approx(784 * math.log(256 / 255), abs=1e-6)


def test_a_sigma_at_the_edge_is_warned_of_and_recorded():
    """Samples that are the validation points choose the smallest sigma."""
    x = unit(50, 3)
    with pytest.warns(UserWarning, match="edge of the grid 0.1"):
        assert parzen_score(x, x, x, seeded()).sigma_at_edge
    found = EVALUATORS["parzen"].run(x, Truth(reference=x, validation=x), seeded())
    assert found.protocol["sigma_at_edge"] == 1


@pytest.mark.parametrize("which", ["samples", "test", "validation"])
def test_values_outside_the_unit_interval_are_refused(which):
    """The score is not scale-free, so [0, 1] is enforced by name."""
    sets = {name: unit(20, 3, i) for i, name in enumerate(("samples", "test", "validation"))}
    sets[which] = 2.0 * sets[which] - 1.0
    with pytest.raises(InvalidSamples, match=rf"{which} must be in \[0, 1\], got values from -"):
        parzen_score(**sets, generator=seeded())


def test_a_disjoint_model_scores_as_the_nearest_centre_says():
    """A single centre: the log-density is the Gaussian's, however far."""
    x = 300.0 + normal(5, 3)
    got = parzen_log_density(x, torch.zeros(1, 3, dtype=torch.float64), (0.5,))[0]
    law = torch.distributions.Normal(torch.zeros(3, dtype=torch.float64), 0.5)
    torch.testing.assert_close(got, law.log_prob(x).sum(1), rtol=1e-12, atol=0)


def test_no_warning_comes_from_inside_the_table():
    """An evaluator in a run stays silent: its protocol says the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        EVALUATORS["parzen"].run(unit(29, 2), Truth(reference=unit(29, 2), validation=unit(29, 2)), seeded())
