"""Divergences between known densities against closed forms, and critics against the optimal one."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from evaluators import EVALUATORS, InvalidSamples, Truth, critic_distance, divergences
from tests.evaluators.builders import normal, seeded

N = 40_000


def gaussians(mean, std):
    """Log-densities of N(0, 1) and N(mean, std) at samples of both, in the order of `divergences`."""
    p, q = Normal(torch.zeros((), dtype=torch.float64), 1.0), Normal(torch.tensor(mean, dtype=torch.float64), std)
    x, y = normal(N, 1, 1)[:, 0], mean + std * normal(N, 1, 2)[:, 0]
    return p, q, divergences(p.log_prob(x), q.log_prob(x), p.log_prob(y), q.log_prob(y))


def integral(p, q, integrand):
    """Sum over a fine grid: the oracle of what has no closed form."""
    line = torch.linspace(-12, 12, 48_001, dtype=torch.float64)
    return float(integrand(p.log_prob(line), q.log_prob(line)).sum()) * 24.0 / 48_000


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.0, 1.0), (0.5, 0.7), (2.0, 1.5)])
def test_exact_sampling_agrees_with_closed_forms_and_integrals(mean, std):
    """Every estimate lies within 4.5 of its standard errors of the truth."""
    p, q, found = gaussians(mean, std)

    def jsd(a, b):
        m = torch.logaddexp(a, b) - math.log(2.0)
        return (a.exp() * (a - m) + b.exp() * (b - m)) / 2.0

    expected = {
        "kl_forward": float(kl_divergence(p, q)),
        "kl_reverse": float(kl_divergence(q, p)),
        "jsd": integral(p, q, jsd),
        "tv": integral(p, q, lambda a, b: (a.exp() - b.exp()).abs() / 2.0),
    }
    for name, value in expected.items():
        score = getattr(found, name)
        assert abs(score.value - value) <= 4.5 * score.standard_error + 1e-12, name


def test_disjoint_supports_reach_the_bounds():
    """JSD log 2, TV 1, both KL infinite and therefore absent."""
    zeros, nowhere = torch.zeros(10, dtype=torch.float64), torch.full((10,), -math.inf, dtype=torch.float64)
    found = divergences(zeros, nowhere, nowhere, zeros)
    assert found.kl_forward is None
    assert found.kl_reverse is None
    assert found.jsd.value == pytest.approx(math.log(2.0))
    assert found.tv.value == 1.0


def test_a_density_that_is_zero_at_its_own_samples_is_refused():
    """No NaN comes back."""
    with pytest.raises(InvalidSamples, match="at samples of p: 1 of 3 log-densities are not finite"):
        divergences(torch.tensor([0.0, -math.inf, 0.0]), torch.zeros(3), torch.zeros(3), torch.zeros(3))


def test_the_optimal_critic_has_no_distance():
    """D* = log p/q is at distance 0; a shift is forgiven where it changes nothing; a constant critic is not."""
    p, q = Normal(torch.zeros((), dtype=torch.float64), 1.0), Normal(torch.ones((), dtype=torch.float64), 1.0)
    x = 2.0 * normal(500, 1, 3)[:, 0]
    best = p.log_prob(x) - q.log_prob(x)
    exact = critic_distance(best, p.log_prob(x), q.log_prob(x))
    assert (exact.rms, exact.rms_up_to_shift, exact.probability) == (0.0, 0.0, 0.0)
    shifted = critic_distance(best + 3.0, p.log_prob(x), q.log_prob(x))
    assert shifted.rms == pytest.approx(3.0)
    assert shifted.rms_up_to_shift == pytest.approx(0.0, abs=1e-12)
    blind = critic_distance(0.0 * best, p.log_prob(x), q.log_prob(x))
    assert blind.rms == pytest.approx(float(best.square().mean().sqrt()))
    assert 0.0 < blind.probability <= 0.5


def judged(samples):
    """Run the evaluator against a standard normal truth in two dimensions."""
    law = Normal(torch.zeros((), dtype=torch.float64), 1.0)

    truth = Truth(
        reference=normal(1000, 2, 7),
        log_density=lambda x: law.log_prob(x).sum(1),
        sampler=lambda n, g: torch.randn(n, 2, generator=g, dtype=torch.float64),
    )
    return EVALUATORS["density"].run(samples, truth, seeded())


def test_exact_samples_score_the_floor():
    """What the window's smoothing costs stands in the protocol, and exact samples score about that."""
    found = judged(normal(4000, 2, 9))
    for name, score in found.scores.items():
        assert score.value == pytest.approx(found.protocol[f"{name}_floor"], abs=0.05), name
        assert score.value < 0.2


def test_a_distant_generator_reaches_the_bounds():
    """Samples far off: JSD log 2 and TV 1, never beyond."""
    found = judged(normal(800, 2, 9) + 60.0)
    assert found.scores["jsd_parzen"].value == pytest.approx(math.log(2.0), abs=1e-9)
    assert found.scores["tv_parzen"].value == pytest.approx(1.0, abs=1e-9)


def test_an_infinite_divergence_is_absent():
    """Samples where the true density is zero: the reverse KL says so in words."""
    truth = Truth(
        reference=normal(100, 2, 7).abs(),
        log_density=lambda x: torch.where((x > 0).all(1), 0.0, -math.inf) - x.sum(1).clamp(min=0.0),
        sampler=lambda n, g: -torch.rand(n, 2, generator=g, dtype=torch.float64).log(),
    )
    found = EVALUATORS["density"].run(normal(400, 2, 9), truth, seeded())
    assert set(found.absent) == {"kl_reverse_parzen"}
    assert "infinite" in found.absent["kl_reverse_parzen"]


def test_a_window_at_the_end_of_its_range_sets_no_divergence():
    """One repeated point: both KL would be what the smallest width makes of them; the other two reach their bounds."""
    truth = Truth(
        reference=normal(500, 2, 1),
        log_density=lambda x: Normal(0.0, 1.0).log_prob(x.double()).sum(1),
        sampler=lambda count, generator: torch.randn(count, 2, generator=generator, dtype=torch.float64),
    )
    found = EVALUATORS["density"].run(torch.full((200, 2), 0.3, dtype=torch.float64), truth, seeded())
    assert set(found.scores) == {"jsd_parzen", "tv_parzen"}
    assert found.scores["tv_parzen"].value > 0.95
    for name in ("kl_forward_parzen", "kl_reverse_parzen"):
        assert "is at an end of the range" in found.absent[name]
