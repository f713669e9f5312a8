"""Kernel and energy distances against loops and closed-form expectations."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives import MMD, Cramer, FixedMMD
from objectives.kernel import ALPHAS, FIXED_SCALES, WIDTHS
from objectives.laws.stage import LineCritic
from tests.objectives.builders import game_at

KERNELS = {
    "rbf": lambda d2: sum(math.exp(-d2 / (2 * width**2)) for width in WIDTHS),
    "rq": lambda d2: sum((1 + d2 / (2 * alpha)) ** -alpha for alpha in ALPHAS),
}


def normal(*shape, seed=0):
    """Draw a standard normal tensor in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def unbiased(k, x, y):
    """Return MMD²_u of Gretton et al. (2012, lemma 6) by loops over pairs."""
    n, m = len(x), len(y)
    within_x = sum(k((a - b).square().sum().item()) for i, a in enumerate(x) for j, b in enumerate(x) if i != j)
    within_y = sum(k((a - b).square().sum().item()) for i, a in enumerate(y) for j, b in enumerate(y) if i != j)
    across = sum(k((a - b).square().sum().item()) for a in x for b in y)
    return within_x / (n * (n - 1)) + within_y / (m * (m - 1)) - 2 * across / (n * m)


@pytest.mark.parametrize("kernel", KERNELS)
def test_mmd_is_the_unbiased_estimate(kernel):
    """The generator's loss is MMD²_u of the embeddings, by loops; the critic's without its penalty is minus it."""
    x, y = 3 * normal(5, 2), normal(5, 2, seed=1) + 4
    objective = MMD(kernel=kernel, weight=0.0)
    stated = unbiased(KERNELS[kernel], x, y)
    assert objective.generator_loss(LineCritic(), x, y, game_at()).item() == pytest.approx(stated)
    assert objective.critic_loss(LineCritic(), x, y, game_at()).item() == pytest.approx(-stated)


def test_the_estimate_is_unbiased():
    """Over 400 draws of both batches from one distribution the mean estimate is 0 within 4 standard errors."""
    estimates = torch.stack(
        [MMD().distance(normal(8, 2, seed=2 * i), normal(8, 2, seed=2 * i + 1)) for i in range(400)]
    )
    assert abs(estimates.mean()) < 4 * estimates.std() / math.sqrt(400)
    assert estimates.min() < 0


def witness_slopes(witness, points):
    """Measure ‖∇f‖ at each point with torch.autograd.grad."""
    points = points.clone().requires_grad_()
    return torch.autograd.grad(witness(points).sum(), points)[0].square().sum(1).sqrt()


def test_mmds_penalty_is_that_of_the_witness():
    """The penalty is E (‖∇f‖ - 1)² on the lines, f(t) = E k(t, x) - E k(t, y), with the identity embedding."""
    x, y, game = normal(4, 2), normal(4, 2, seed=1) + 1, game_at()
    epsilon = game.uniform("line", (4, 1))

    def witness(t):
        def mean_k(other):
            squared = (t[:, None] - other).square().sum(2)
            return sum((1 + squared / (2 * alpha)) ** -alpha for alpha in ALPHAS).mean(1)

        return mean_k(x) - mean_k(y)

    stated = (witness_slopes(witness, epsilon * x + (1 - epsilon) * y) - 1).square().mean()
    torch.testing.assert_close(MMD().penalty(LineCritic(), x, y, game), stated)


def test_cramers_penalty_and_loss_by_hand():
    """Cramér's critic function is f(t) = E‖t - y‖ - ‖t‖; loss and penalty equal loops over it."""
    x, y, game = normal(4, 2) + 2, normal(4, 2, seed=1), game_at()
    epsilon = game.uniform("line", (4, 1))

    def f(t):
        return (t[:, None] - y).square().sum(2).sqrt().mean(1) - t.square().sum(1).sqrt()

    penalty = (witness_slopes(f, epsilon * x + (1 - epsilon) * y) - 1).square().mean()
    within = sum((a - b).norm() for i, a in enumerate(y) for j, b in enumerate(y) if i != j) / 12
    stated = (within - y.norm(dim=1).mean()) - f(x).mean() + 10 * penalty
    torch.testing.assert_close(Cramer().critic_loss(LineCritic(), x, y, game), stated)


@settings(max_examples=20, deadline=None)
@given(gap=st.floats(-3, 3))
def test_the_energy_distance_of_two_points(gap):
    """For point masses at 0 and at g the generator's loss is the energy distance 2|g|."""
    x, y = torch.zeros(3, 1, dtype=torch.float64), torch.full((3, 1), gap, dtype=torch.float64)
    loss = Cramer().generator_loss(LineCritic(), x, y, game_at())
    assert loss.item() == pytest.approx(2 * abs(gap), abs=1e-5)


def test_the_fixed_kernel_is_measured_on_the_data():
    """`mmd-fixed` is MMD²_u with widths in shares of the mean squared distance between real samples."""
    x, y = normal(5, 2, 2), normal(5, 2, 2, seed=1) + 1
    flat_x, flat_y = x.flatten(1), y.flatten(1)
    scale = sum((a - b).square().sum() for i, a in enumerate(flat_x) for j, b in enumerate(flat_x) if i != j) / 20

    def k(d2):
        return sum(math.exp(-d2 / (2 * share * scale)) for share in FIXED_SCALES)

    loss = FixedMMD().generator_loss(LineCritic(), x, y, game_at())
    assert loss.item() == pytest.approx(unbiased(k, flat_x, flat_y))


def test_the_fixed_kernel_plays_no_game():
    """`mmd-fixed` declares that no critic is trained, and its critic's loss is 0."""
    assert not FixedMMD().traits.trains_critic
    assert FixedMMD().traits.critic_kind == "none"
    assert FixedMMD().critic_loss(LineCritic(), normal(2, 1), normal(2, 1), game_at()) == 0


@pytest.mark.parametrize("spread", [1e-1, 1e-2, 1e-3])
def test_cramers_gradient_keeps_its_digits_in_float32(spread):
    """Two modes at ±2, each of a small spread: the generator's gradient in float32 is that in float64 to 1e-3."""
    centres = torch.tensor([[2.0, 0.0], [-2.0, 0.0]], dtype=torch.float64).repeat(32, 1)
    x, y = centres + 0.02 * normal(64, 2), centres + spread * normal(64, 2, seed=1)
    found = []
    for dtype in (torch.float64, torch.float32):
        fake = y.to(dtype).requires_grad_()
        loss = Cramer().generator_loss(LineCritic(), x.to(dtype), fake, game_at())
        assert loss.dtype == dtype
        found.append(torch.autograd.grad(loss, fake)[0].double())
    assert ((found[0] - found[1]).norm() / found[0].norm()).item() < 1e-3


def test_a_batch_of_one_is_refused():
    """An unbiased estimate needs two samples a side, and says so in one sentence."""
    with pytest.raises(ValueError, match="at least 2, got '1'"):
        MMD().distance(normal(1, 2), normal(1, 2))
