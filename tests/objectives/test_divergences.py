"""At the optimal critic the loss is the divergence, on random discrete distributions, by formulas written here."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings

from objectives import Hinge, LeastSquares, Minimax, NonSaturating
from objectives.spec import parse
from tests.objectives.builders import counts, expected_losses, jsd, kl, tv, weights

# Provenance: papers.md section 8.1 (Nowozin et al., table 1), section 11 (Goodfellow et al., hinge), section 3 (EBGAN).
STATED = {
    "minimax": lambda p, q: math.log(4) - 2 * jsd(p, q),
    "ns": lambda p, q: math.log(4) - 2 * jsd(p, q),
    "bgan": lambda p, q: math.log(4) - 2 * jsd(p, q),
    "lsgan": lambda p, q: 0.5 * (p * q / (p + q)).sum(),
    "hinge": lambda p, q: 2 - 2 * tv(p, q),
    "hinge:margin=3": lambda p, q: 6 * (1 - tv(p, q)),
    "ebgan:margin=2.5": lambda p, q: 2.5 * (1 - tv(p, q)),
    "fgan-kl": lambda p, q: -kl(p, q),
    "fgan-rkl": lambda p, q: -kl(q, p),
    "fgan-pearson": lambda p, q: -((p - q) ** 2 / q).sum(),
    "fgan-neyman": lambda p, q: -((p - q) ** 2 / p).sum(),
    "fgan-hellinger": lambda p, q: -((p.sqrt() - q.sqrt()) ** 2).sum(),
    "fgan-js": lambda p, q: -2 * jsd(p, q),
    "fgan-gan": lambda p, q: math.log(4) - 2 * jsd(p, q),
    "fgan-tv": lambda p, q: -tv(p, q),
}


@pytest.mark.parametrize("spec", STATED)
@settings(max_examples=25, deadline=None)
@given(p_counts=counts, q_counts=counts)
def test_the_optimal_critics_loss_is_the_divergence(spec, p_counts, q_counts):
    """With the stated optimal critic the loss equals the paper's divergence."""
    objective, p, q = parse(spec), weights(p_counts), weights(q_counts)
    loss, _ = expected_losses(objective, objective.optimum(p, q).scores, p_counts, q_counts)
    torch.testing.assert_close(loss, STATED[spec](p, q), rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(p_counts=counts, q_counts=counts)
def test_minimax_value_at_log_p_over_q(p_counts, q_counts):
    """With D = log p/q the value of the minimax game is -log 4 + 2 JSD (Goodfellow et al., theorem 1)."""
    scores = (weights(p_counts) / weights(q_counts)).log()
    value = -expected_losses(Minimax(), scores, p_counts, q_counts)[0]
    stated = -math.log(4) + 2 * jsd(weights(p_counts), weights(q_counts))
    torch.testing.assert_close(value, stated, rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(p_counts=counts, q_counts=counts)
def test_smoothing_shrinks_the_optimal_critic(p_counts, q_counts):
    """With one-sided smoothing σ(D*) = α p / (p + q) (Salimans et al., section 3.4), and its gradient is zero."""
    p, q = weights(p_counts), weights(q_counts)
    objective = NonSaturating(smoothing=0.1)
    best = objective.optimum(p, q)
    torch.testing.assert_close(best.scores.sigmoid(), 0.9 * p / (p + q))
    scores = best.scores.clone().requires_grad_()
    loss, _ = expected_losses(objective, scores, p_counts, q_counts)
    assert torch.autograd.grad(loss, scores)[0].abs().max() < 1e-12
    torch.testing.assert_close(loss, best.loss)


@settings(max_examples=25, deadline=None)
@given(p_counts=counts, q_counts=counts)
def test_least_squares_with_the_pearson_coding(p_counts, q_counts):
    """With b - c = 1 and b - a = 2, (E_p + E_q) (D* - c)² is Pearson's χ²(p + q ‖ 2q) (Mao et al.)."""
    p, q = weights(p_counts), weights(q_counts)
    objective = LeastSquares(a=-1.0, b=1.0, c=0.0)
    scores = objective.optimum(p, q).scores
    over_fake = expected_losses(objective, scores, q_counts, q_counts)[1]
    over_real = expected_losses(objective, scores, p_counts, p_counts)[1]
    stated = ((2 * q - (p + q)) ** 2 / (p + q)).sum()
    torch.testing.assert_close(2 * (over_fake + over_real), stated)


@settings(max_examples=25, deadline=None)
@given(p_counts=counts, q_counts=counts)
def test_f_gan_of_the_gan_is_the_minimax_game(p_counts, q_counts):
    """`fgan-gan` computes the losses of `minimax` at any scores."""
    scores = torch.randn(4, generator=torch.Generator().manual_seed(sum(p_counts)), dtype=torch.float64)
    ours = expected_losses(parse("fgan-gan"), scores, p_counts, q_counts)
    theirs = expected_losses(Minimax(), scores, p_counts, q_counts)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_disjoint_supports_leave_the_hinge_nothing_to_gain():
    """On disjoint supports TV = 1 and the hinge loss of the optimal critic is 0."""
    scores = Hinge().optimum(weights([1, 1, 0, 0]), weights([0, 0, 1, 1])).scores
    assert expected_losses(Hinge(), scores, [1, 1, 0, 0], [0, 0, 1, 1])[0] == 0
