"""Wasserstein distances against scipy and closed forms."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import InvalidSamples, sliced_wasserstein, wasserstein, wasserstein_1d
from evaluators.transport import directions
from tests.evaluators.builders import normal, seeded


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 60), m=st.integers(1, 60))
def test_one_dimension_agrees_with_scipy(n, m):
    """Oracle: scipy.stats.wasserstein_distance, equal sizes or not."""
    from scipy.stats import wasserstein_distance

    x, y = normal(n, 1, 1), normal(m, 1, 2) + 0.3
    expected = wasserstein_distance(x.flatten().numpy(), y.flatten().numpy())
    assert float(wasserstein_1d(x, y)[0]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("power", [1, 2])
def test_repeating_a_set_changes_nothing(power):
    """Unequal sizes with equal laws: W is zero; it sees laws, not sizes."""
    x = normal(30, 2, 1)
    assert wasserstein_1d(x, x.repeat(7, 1), power).tolist() == [0.0, 0.0]
    assert sliced_wasserstein(x, x.repeat(3, 1), seeded()).value == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("power", [1, 2])
def test_the_exact_distance_in_one_dimension_is_the_sorted_one(power):
    """The assignment finds what sorting proves optimal."""
    x, y = normal(80, 1, 1), 2.0 * normal(80, 1, 2) + 0.3
    expected = float(wasserstein_1d(x, y, power)[0]) ** (1.0 / power)
    assert wasserstein(x, y, power) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("power", [1, 2])
def test_a_shift_costs_its_length(power):
    """Closed form: W_p(X, X + c) = |c|, and along θ it is |θ·c|."""
    x, c = normal(60, 3, 1), torch.tensor([[3.0, -4.0, 12.0]], dtype=torch.float64)
    assert wasserstein(x, x + c, power) == pytest.approx(13.0, rel=1e-10)
    sphere = directions(3, 256, seeded(4))
    expected = float((c @ sphere).abs().pow(power).mean()) ** (1.0 / power)
    assert sliced_wasserstein(x, x + c, seeded(4), power).value == pytest.approx(expected, rel=1e-10)


def test_the_sliced_error_covers_the_choice_of_directions():
    """The mean over all directions is |c|²/d; two hundred choices scatter as the standard error says."""
    x = normal(20, 5, 1)
    scores = [sliced_wasserstein(x, x + 1.0, seeded(i)) for i in range(200)]
    values = torch.tensor([score.value for score in scores])
    errors = torch.tensor([score.standard_error for score in scores])
    assert float(values.square().mean()) == pytest.approx(1.0, rel=0.02)
    assert float(values.std()) == pytest.approx(float(errors.mean()), rel=0.2)


def test_unequal_sizes_have_no_assignment():
    """The error names both sizes."""
    with pytest.raises(InvalidSamples, match="first has 5 samples but second has 6"):
        wasserstein(normal(5, 2), normal(6, 2))
