"""Gradient penalties against independent double back-propagation, and at slopes known by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives import R1, R2, NearData, Objective, OneCentred, OneSided, WassersteinDivergence, ZeroCentred
from objectives.as_shipped import WholeBatchOneCentred
from objectives.laws.stage import TinyCritic
from objectives.laws.terms import Bowl, LinearCritic
from objectives.spec import canonical, parse
from tests.objectives.builders import game_at

PENALTIES = [R1(), R2(), OneCentred(), ZeroCentred(), OneSided(), WassersteinDivergence(), NearData()]
PENALTIES += [WassersteinDivergence(power=2.0), WassersteinDivergence(power=4.0)]
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


@pytest.mark.parametrize("shape", [(4000, 2), (400, 1, 4, 4)], ids=["flat", "image"])
def test_points_near_the_data(shape):
    """DRAGAN's points are x + α (X_p - x), X_p = x + ½ std U[0, 1), with one α ~ U[0, 1) a sample (the notebook's)."""
    real, game = normal(*shape), game_at()
    (points,) = NearData().points(real, real, game)
    perturbed = real + 0.5 * real.std() * game.uniform("near data", shape)
    alpha = ((points - real) / (perturbed - real)).flatten(1)
    torch.testing.assert_close(alpha, alpha[:, :1].expand_as(alpha))
    assert 0.0 <= alpha.min() < 0.01
    assert 0.99 < alpha.max() < 1.0
    assert ((points - real) / real.std()).mean().item() == pytest.approx(0.125, rel=0.05)


REAL, FAKE = (0.5, -2.0, 3.0), (1.5, 2.0, -1.0)
LINE = (1.0, 0.0, 1.0)  # |½ x + ½ G(z)|, as every draw is ½
STD = 2.5  # of the real samples, whose mean is ½: ((½ - ½)² + 2.5² + 2.5²) / 2
AT_POINTS = [  # the term at D(x) = x²/2, whose slope at x is |x|
    (R1(gamma=2.0), (0.25 + 4.0 + 9.0) / 3),
    (R2(gamma=2.0), (2.25 + 4.0 + 1.0) / 3),
    (OneCentred(weight=3.0), 3.0 * sum((slope - 1.0) ** 2 for slope in LINE) / 3),
    (OneCentred(weight=3.0, target=2.0), 3.0 * sum((slope - 2.0) ** 2 for slope in LINE) / 3),
    (ZeroCentred(weight=3.0), 3.0 * sum(slope**2 for slope in LINE) / 3),
    (WassersteinDivergence(), (0.5**6 + 2.0**6 + 3.0**6 + 1.5**6 + 2.0**6 + 1.0) / 3),
    (NearData(weight=3.0), 3.0 * sum((abs(x + 0.125 * STD) - 1.0) ** 2 for x in REAL) / 3),
]


@pytest.mark.parametrize(("penalty", "stated"), AT_POINTS, ids=lambda value: type(value).__name__)
def test_the_slope_is_taken_at_the_right_samples(penalty, stated):
    """At D(x) = x²/2 R1 is γ/2 E x² and R2 γ/2 E G(z)²; the others take |x| on the line, near the data, on both."""
    real, fake = (torch.tensor(side, dtype=torch.float64)[:, None] for side in (REAL, FAKE))
    assert penalty.critic_term(Bowl(), real, fake, game_at(still=True)).item() == pytest.approx(stated)


def test_the_one_sided_penalty_is_taken_on_the_line():
    """At D(x) = x²/2 slopes above 1 alone cost, at the middles 1.25, 0 and 2 of three lines."""
    real, fake = (torch.tensor(side, dtype=torch.float64)[:, None] for side in ((0.5, -2.0, 3.0), (2.0, 2.0, 1.0)))
    term = OneSided(weight=3.0).critic_term(Bowl(), real, fake, game_at(still=True))
    assert term.item() == pytest.approx(0.25**2 + 1.0)


def test_a_revision_enters_the_identity_where_there_is_one():
    """A class whose numbers have changed says so, alone, wrapped and among other parts; the others keep their keys."""
    for spec in ("dragan", "hinge+dragan", "ns+noise+dragan:weight=1+pac"):
        wrappers = canonical(parse(spec))["wrappers"]
        assert [part.get("revision") for part in wrappers if part["class"] == "NearData"] == [NearData.revision]
        assert all("revision" not in part for part in wrappers if part["class"] != "NearData")
    assert canonical(parse("cramer"))["revision"] == 1
    assert "revision" not in repr(canonical(parse("r3gan+noise+pac")))
    assert "revision" not in repr(canonical(parse("as-shipped/compare-gan-dragan")))


def test_a_revision_of_a_base_reaches_its_heirs():
    """Whoever inherits the mathematics inherits the change of its numbers."""

    class Heir(NearData):
        pass

    assert (Heir.revision, Objective.revision, R1.revision) == (NearData.revision, 0, 0)


@pytest.mark.parametrize("power", [1.0, 2.5, 3.0, 3.9, 101.0])
def test_a_power_without_curvature_is_refused(power):
    """Between 2 and 4 the second derivative of (‖∇D‖²)^(p/2) is infinite at a constant critic."""
    with pytest.raises(ValueError, match=r"power must be 2 or in \[4, 100\], got"):
        WassersteinDivergence(power=power)


@pytest.mark.parametrize("penalty", PENALTIES, ids=names)
def test_a_constant_critic_has_finite_curvature(penalty):
    """Unrolled and consensus dynamics differentiate the gradient again, and find it finite at a constant critic."""

    def term(weights):
        return penalty.critic_term(LinearCritic(weights), normal(4, 3), normal(4, 3, seed=1), game_at())

    assert torch.autograd.functional.hessian(term, torch.zeros(3, dtype=torch.float64)).isfinite().all()
