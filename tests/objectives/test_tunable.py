"""Games with an order or an exponent: the α-losses, least kth order, and weights by the ratio that a critic claims."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from objectives import AlphaGAN, Fisher, Hinge, KLWasserstein, LeastKth, LeastSquares, Minimax, NonSaturating
from objectives.alpha import alpha_loss
from objectives.laws.stage import LineCritic, line_game
from tests.objectives.builders import column, counts, losses, weights

REAL, FAKE = column(1.5, -0.3, 2.0), column(-2.0, 0.7, 0.1)


@pytest.mark.parametrize(("saturating", "classic"), [(False, NonSaturating()), (True, Minimax())])
def test_alpha_of_one_is_the_2014_game(saturating, classic):
    """ℓ_1 = -log, on both sides."""
    ours = losses(AlphaGAN(critic_alpha=1.0, saturating=saturating), REAL, FAKE)
    assert ours == losses(classic, REAL, FAKE)


@given(alpha=st.floats(0.2, 20.0), logit=st.floats(-8.0, 8.0))
def test_the_alpha_loss_is_the_papers_power(alpha, logit):
    """ℓ_α(p) = α/(α - 1) (1 - p^((α - 1)/α)), also near α = 1, where the paper's form loses its digits."""
    seen = alpha_loss(torch.tensor(logit, dtype=torch.float64), alpha).item()
    p = torch.sigmoid(torch.tensor(logit, dtype=torch.float64))
    stated = -p.log() if alpha == 1.0 else alpha / (alpha - 1) * (1 - p ** ((alpha - 1) / alpha))
    assert seen == pytest.approx(stated.item(), rel=1e-6, abs=1e-9 / abs(alpha - 1) if alpha != 1.0 else 1e-12)


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.9])
def test_the_score_range_is_where_float32_holds(alpha):
    """Within the declared range the loss is finite, a fifth beyond it is not."""
    _, bound = AlphaGAN(critic_alpha=alpha).traits.score_range
    assert alpha_loss(torch.tensor(-bound), alpha).isfinite()
    assert not alpha_loss(torch.tensor(-1.2 * bound), alpha).isfinite()


@pytest.mark.parametrize("alpha", [0.5, 0.999, 1.01, 2.0, 10.0])
def test_a_sure_critic_has_finite_derivatives(alpha):
    """Where σ(-score) is subnormal, or its cube is, the first and second derivative are still numbers, and near 0."""
    scores = torch.linspace(20.0, 110.0, 181).requires_grad_()
    (slope,) = torch.autograd.grad(alpha_loss(scores, alpha).sum(), scores, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), scores)
    assert (slope.abs() < 1e-8).all()
    assert (curvature.abs() < 1e-8).all()


def test_the_orders_range_follows_the_smaller_exponent():
    """Above 1 both losses are bounded and the range is everybody's."""
    assert AlphaGAN(critic_alpha=2.0, generator_alpha=3.0).traits.score_range == (-1e4, 1e4)
    assert AlphaGAN(critic_alpha=2.0, generator_alpha=0.5).traits.score_range == (-80.0, 80.0)


def test_least_squares_is_of_the_second_order():
    """K = 2 doubles LSGAN's generator and leaves its critic."""
    critic, generator = losses(LeastSquares(), REAL, FAKE)
    assert losses(LeastKth(k=2.0), REAL, FAKE) == (critic, 2 * generator)


@pytest.mark.parametrize("k", [0.5, 9.0, float("nan")])
def test_an_order_out_of_range_is_refused(k):
    """Below 1 the gradient is infinite at the target, above 8 the loss overflows at a score of 10,000."""
    with pytest.raises(ValueError, match=r"k must be in \[1, 8\]"):
        LeastKth(k=k)


def test_equal_scores_weigh_alike():
    """Where the critic tells no fake from another, KL-WGAN is hinge."""
    fake = column(0.4, 0.4, 0.4)
    ours, hinge = losses(KLWasserstein(), REAL, fake), losses(Hinge(), REAL, fake)
    torch.testing.assert_close(ours, hinge)


@given(p=counts, q=counts)
def test_fishers_best_critic_has_a_second_moment_of_one(p, q):
    """At the stated optimum Ω = 0 and the loss is minus the Fisher distance, whatever λ is."""
    p, q = weights(p), weights(q)
    if torch.allclose(p, q):
        return
    best = Fisher().optimum(p, q)
    assert ((p + q) * best.scores.square()).sum().item() / 2 == pytest.approx(1.0)
    assert -((p - q) * best.scores).sum().item() == pytest.approx(best.loss.item())


def test_fishers_multiplier_rises_while_the_critic_is_too_large():
    """λ ← λ - ρ Ω: scores of 3 have Ω = -8, scores of ½ have Ω = ¾."""
    fisher = Fisher(rho=0.1)
    for score, moved in ((3.0, 0.8), (0.5, -0.075)):
        state = fisher.next_state(LineCritic(), column(score), column(score), line_game(fisher))
        assert state["lambda"].item() == pytest.approx(moved)
