"""Gradient penalties against independent double back-propagation, and at slopes known by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives import R1, R2, NearData, OneCentred, OneSided, WassersteinDivergence, ZeroCentred
from objectives.as_shipped import WholeBatchOneCentred
from objectives.laws.stage import TinyCritic
from objectives.laws.terms import LinearCritic
from tests.objectives.builders import game_at

PENALTIES = [R1(), R2(), OneCentred(), ZeroCentred(), OneSided(), WassersteinDivergence(), NearData()]
names = [type(penalty).__name__ for penalty in PENALTIES]


def normal(*shape, seed=0):
    """Draw a standard normal tensor in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def reference_slopes(critic, x):
    """Measure ‖∇D‖ sample by sample with torch.autograd.grad, the usual way and another code path."""
    slopes = []
    for sample in x:
        one = sample[None].detach().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(one).sum(), one, create_graph=True)
        slopes.append(gradient.square().sum())
    return torch.stack(slopes)


@pytest.mark.parametrize("penalty", PENALTIES, ids=names)
def test_value_and_gradient_equal_double_back_propagation(penalty):
    """The term and its gradient by the critic's parameters equal those of sample-by-sample autograd."""
    real, fake, game = normal(5, 2), normal(5, 2, seed=1), game_at()
    theta = (0.8 * normal(TinyCritic.size("score", 1), seed=2)).requires_grad_()
    critic = TinyCritic(theta, "score")
    term = penalty.critic_term(critic, real, fake, game)
    points = penalty.points(real, fake, game)
    reference = sum(penalty.cost(reference_slopes(critic, x)).mean() for x in points)
    torch.testing.assert_close(term, reference, rtol=1e-12, atol=1e-12)
    seen, wanted = (torch.autograd.grad(value, theta)[0] for value in (term, reference))
    torch.testing.assert_close(seen, wanted, rtol=1e-10, atol=1e-12)


BY_HAND = [  # cost at slopes ½, 1 and 3, from the equations
    (R1(gamma=1.0), [0.125, 0.5, 4.5]),
    (R2(gamma=4.0), [0.5, 2.0, 18.0]),
    (OneCentred(weight=10.0), [2.5, 0.0, 40.0]),
    (OneSided(weight=10.0), [0.0, 0.0, 40.0]),
    (ZeroCentred(weight=1.0), [0.25, 1.0, 9.0]),
    (WassersteinDivergence(), [2 * 2**-6.0, 2.0, 1458.0]),
    (NearData(), [2.5, 0.0, 40.0]),
]


names_by_hand = [type(penalty).__name__ for penalty, _ in BY_HAND]


@pytest.mark.parametrize("shape", [(4,), (2, 3, 3)], ids=["flat", "4-D"])
@pytest.mark.parametrize(("penalty", "costs"), BY_HAND, ids=names_by_hand)
def test_a_linear_critic_costs_what_the_equation_says(penalty, costs, shape):
    """For D(x) = w·x the term is the equation's value at ‖w‖, on flat samples and on images."""
    real, fake = normal(6, *shape), normal(6, *shape, seed=1)
    direction = torch.nn.functional.normalize(normal(real[0].numel(), seed=2), dim=0)
    seen = [penalty.critic_term(LinearCritic(norm * direction), real, fake, game_at()) for norm in (0.5, 1.0, 3.0)]
    assert [value.item() for value in seen] == pytest.approx(costs)


def test_sixty_four_lipschitz_samples_cost_nothing():
    """64 samples of slope exactly 1 cost 0; torchgan's norm of the whole batch says (8 - 1)² = 49."""
    real, fake, critic = normal(64, 3), normal(64, 3, seed=1), LinearCritic(torch.tensor([0.0, 1.0, 0.0]).double())
    assert OneCentred(weight=1.0).critic_term(critic, real, fake, game_at()).item() == 0.0
    whole = WholeBatchOneCentred(weight=1.0).critic_term(critic, real, fake, game_at())
    assert whole.item() == pytest.approx(49.0)


@pytest.mark.parametrize("penalty", PENALTIES, ids=names)
def test_a_constant_critic_has_a_finite_gradient(penalty):
    """At a constant critic the term is its cost at slope 0, and its gradient is finite."""
    weights = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    term = penalty.critic_term(LinearCritic(weights), normal(4, 3), normal(4, 3, seed=1), game_at())
    assert torch.autograd.grad(term, weights)[0].isfinite().all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000))
def test_points_lie_on_the_lines(seed):
    """Each interpolate lies on the segment between its own real and fake sample."""
    real, fake = normal(6, 2, 3, 3, seed=seed), normal(6, 2, 3, 3, seed=seed + 1)
    (points,) = OneCentred().points(real, fake, game_at())
    share = ((points - fake) / (real - fake)).flatten(1)
    assert ((share >= -1e-9) & (share < 1 + 1e-9)).all()
    assert (share.amax(1) - share.amin(1) < 1e-6).all()
    assert share[:, 0].unique().numel() == 6


def test_points_near_the_data():
    """DRAGAN's points lie at most half a standard deviation of the batch above the data."""
    real = normal(50, 4)
    (points,) = NearData().points(real, real, game_at())
    noise = (points - real) / real.std()
    assert noise.min() >= 0
    assert 0.45 < noise.max() < 0.5


@pytest.mark.parametrize("penalty", PENALTIES, ids=names)
def test_a_constant_critic_has_finite_curvature(penalty):
    """Unrolled and consensus dynamics differentiate the gradient again, and find it finite at a constant critic."""

    def term(weights):
        return penalty.critic_term(LinearCritic(weights), normal(4, 3), normal(4, 3, seed=1), game_at())

    assert torch.autograd.functional.hessian(term, torch.zeros(3, dtype=torch.float64)).isfinite().all()
