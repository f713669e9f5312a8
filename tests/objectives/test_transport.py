"""Sliced Wasserstein and drifting, by hand and against an independent library."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import wasserstein_distance_nd

from objectives import Drifting, SlicedWasserstein
from objectives.drifting import drift
from objectives.laws.stage import LineCritic
from objectives.transport import sliced_squares
from tests.objectives.builders import column, game_at


def normal(*shape, seed=0):
    """Draw a standard normal tensor in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_directions_have_length_one():
    """A direction's length does not matter, and on the axes W₂² is that of sorted coordinates."""
    x, y = normal(7, 2), normal(7, 2, seed=1)
    by_hand = [(x[:, axis].sort().values - y[:, axis].sort().values).square().mean() for axis in (0, 1)]
    axes = torch.tensor([[3.0, 0.0], [0.0, 0.1]], dtype=torch.float64)
    torch.testing.assert_close(sliced_squares(x, y, axes), sum(by_hand) / 2)


def test_a_shift_costs_its_square_over_the_dimension():
    """Moving all points by v costs E (u·v)² = |v|²/F over directions, the cheapest transport there is."""
    x = normal(50, 3)
    v = torch.tensor([3.0, 0.0, 4.0], dtype=torch.float64)
    cost = sliced_squares(x, x + v, normal(3, 20_000, seed=2))
    assert cost.item() == pytest.approx(25.0 / 3.0, rel=0.02)
    assert wasserstein_distance_nd(x.numpy(), (x + v).numpy()) == pytest.approx(5.0)


def test_the_generator_sees_features_alone():
    """On one feature every direction is the line itself."""
    real, fake = column(3.0, 1.0, 2.0), column(0.0, 5.0, 1.0)
    loss = SlicedWasserstein(directions=5).generator_loss(LineCritic(), real, fake, game_at())
    assert loss.item() == pytest.approx((1.0 + 1.0 + 4.0) / 3.0)


@pytest.mark.parametrize("directions", [0, 10_001])
def test_a_number_of_directions_out_of_range_is_refused(directions):
    """None are no distance, and memory has an end."""
    with pytest.raises(ValueError, match="directions must be between 1 and 10000"):
        SlicedWasserstein(directions=directions)


@pytest.mark.parametrize("temperature", [0.05, 0.2, 1.0])
def test_drift_points_from_the_crowd_to_the_data(temperature):
    """Generated points in a heap at the origin drift towards data on their right."""
    x, data = 0.1 * normal(6, 2), normal(6, 2, seed=1) + torch.tensor([10.0, 0.0])
    assert (drift(x, data, temperature).mean(0) @ torch.tensor([1.0, 0.0], dtype=torch.float64)) > 0.0


def test_drift_has_the_symmetries_of_space():
    """Moving, turning and scaling all points moves, turns and scales the drift: temperatures have no unit."""
    x, data = normal(5, 2), normal(5, 2, seed=1)
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    moved = drift(7.0 * x @ turn + 100.0, 7.0 * data @ turn + 100.0, 0.1)
    # A and the weights are the same; Σ A⁺ A⁻ (y⁺ - y⁻) has no origin, for both weights have one sum.
    torch.testing.assert_close(moved, 7.0 * drift(x, data, 0.1) @ turn, rtol=1e-6, atol=1e-6)


def test_the_generator_follows_the_drift():
    """The loss is E ‖V‖² and its gradient by the samples -2 V / B."""
    fake, real = normal(5, 2).requires_grad_(), normal(5, 2, seed=1)
    loss = Drifting().generator_loss(LineCritic(), real, fake, game_at())
    (gradient,) = torch.autograd.grad(loss, fake)
    field = sum(drift(fake.detach(), real, each) for each in (0.02, 0.05, 0.2))
    assert loss.item() == pytest.approx(field.square().sum(1).mean().item())
    torch.testing.assert_close(gradient, -2.0 * field / 5.0)


def test_a_single_sample_has_no_others():
    """One sentence instead of a division by zero."""
    with pytest.raises(ValueError, match="at least 2, got '1'"):
        Drifting().generator_loss(LineCritic(), column(1.0), column(2.0), game_at())
