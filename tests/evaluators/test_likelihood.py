"""Annealed importance sampling against a linear generator, whose likelihood is a Gaussian's."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from evaluators import Annealing, InvalidSamples, ObservedGenerator, annealed_log_likelihood, bidirectional_bounds
from evaluators.likelihood import anneal, move, place
from tests.evaluators.builders import normal, seeded

WEIGHT = 0.5 * normal(4, 2, 1)  # x = Wz + noise
SIGMA = 0.7
MODEL = ObservedGenerator(lambda z: z @ WEIGHT.T, 2, SIGMA, torch.float64)
EXACT = MultivariateNormal(torch.zeros(4).double(), WEIGHT @ WEIGHT.T + SIGMA**2 * torch.eye(4).double())


def posterior():
    """N(z; Λ⁻¹Wᵀx/σ², Λ⁻¹) with Λ = I + WᵀW/σ²: the map to its mean, and its covariance."""
    covariance = torch.linalg.inv(torch.eye(2).double() + WEIGHT.T @ WEIGHT / SIGMA**2)
    return covariance @ WEIGHT.T / SIGMA**2, covariance


def samples(count, seed):
    """Points that the model itself drew."""
    return normal(count, 2, seed) @ WEIGHT.T + SIGMA * normal(count, 4, seed + 1)


def test_a_linear_generator_has_its_exact_likelihood():
    """Long chains come within hundredths of a nat of the Gaussian's log-density, from below."""
    x = samples(20, 2)
    found = annealed_log_likelihood(MODEL, x, seeded(4), Annealing(distributions=400))
    error = found.values - EXACT.log_prob(x)
    assert abs(float(error.mean())) < 0.05
    assert float(error.abs().max()) < 0.3
    assert found.mean == pytest.approx(float(found.values.mean()))
    assert found.standard_error == pytest.approx(float(found.values.std()) / math.sqrt(20))
    assert 0.55 < found.acceptance < 0.75  # what the step sizes were chosen for
    assert 10 < found.effective_chains <= 16


@pytest.mark.parametrize("distributions", [1, 3, 10])
def test_the_mean_weight_is_the_likelihood_however_short_the_chains(distributions):
    """E w = p(x), and backwards from the exact posterior E w = 1/p(x): each within 4.5 standard errors."""
    x, count, how = samples(1, 5), 40_000, Annealing(distributions=distributions)
    steps = [torch.full((1,), 0.3, dtype=torch.float64)] * (distributions - 1)
    gain, covariance = posterior()
    prior = normal(count, 2, 7)[:, None]
    exact = (x @ gain.T + normal(count, 2, 8) @ torch.linalg.cholesky(covariance).T)[:, None]
    for start, betas, sign in ((prior, how.betas(), 1.0), (exact, how.betas()[::-1], -1.0)):
        log_weights, _ = anneal(MODEL, x, start, betas, steps, 5, seeded(9))
        weights = (log_weights - sign * EXACT.log_prob(x)).exp()
        error = float(weights.std()) / math.sqrt(count)
        assert abs(float(weights.mean()) - 1.0) < 4.5 * error
        assert error < 0.25  # else the line above says little


def test_a_move_leaves_the_posterior_as_it_is():
    """Chains that begin at exact samples keep their mean and covariance, though many moves are refused."""
    x, count = samples(1, 10), 20_000
    gain, covariance = posterior()
    mean = x @ gain.T
    z = (mean + normal(count, 2, 11) @ torch.linalg.cholesky(covariance).T)[:, None]
    here, generator = place(MODEL, x, z), seeded(12)
    for _ in range(5):
        here, probability = move(MODEL, x, here, 1.0, torch.full((1,), 0.9, dtype=torch.float64), 3, generator)
    assert 0.3 < float(probability.mean()) < 0.9
    moved = here.z[:, 0]
    deviations = covariance.diag().sqrt()
    assert bool(((moved.mean(0) - mean[0]).abs() < 4.5 * deviations / math.sqrt(count)).all())
    assert torch.allclose(moved.T.cov(), covariance, atol=0.05 * float(deviations.max()) ** 2)
    assert torch.equal(here.log_likelihood, MODEL.log_likelihood(x, here.z))


def test_the_gap_tells_how_far_to_trust_the_number():
    """The truth lies between both bounds, and the gap shrinks with the number of distributions."""
    gaps = []
    for distributions in (1, 200):
        found = bidirectional_bounds(MODEL, 30, seeded(13), Annealing(distributions=distributions))
        noise = 3.0 * found.lower.standard_error
        entropy = -float(EXACT.entropy())
        assert found.lower.mean - noise < entropy < found.upper.mean + noise
        gaps.append(found.gap)
    assert gaps[0] > 0.5
    assert -0.05 < gaps[1] < 0.1


def test_a_module_of_float32_is_left_as_it_was():
    """Images of any shape; parameters get no gradient, and the same seed gives the same number."""
    module = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 12), nn.Unflatten(1, (3, 4)))
    model = ObservedGenerator(module, 2, 0.1)
    x = module(torch.randn(5, 2, generator=seeded(14))).detach()
    first, again = (annealed_log_likelihood(model, x, seeded(15), Annealing(4, 20, 3)) for _ in range(2))
    assert torch.equal(first.values, again.values)
    assert all(parameter.grad is None for parameter in module.parameters())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ObservedGenerator(nn.Identity(), 2, 0.0), "sigma must be a positive number"),
        (lambda: ObservedGenerator(nn.Identity(), 0, 1.0), "dimension at least 1"),
        (lambda: Annealing(chains=0), "must be at least 1"),
        (
            lambda: annealed_log_likelihood(
                ObservedGenerator(lambda z: (z - z.mean(0)) @ WEIGHT.T, 2, SIGMA, torch.float64),
                torch.zeros(3, 4),
                seeded(1),
            ),
            "the generator couples its batch: with 7 others",
        ),
        (lambda: annealed_log_likelihood(MODEL, torch.zeros(3, 5), seeded(1)), "x has 5 values per sample"),
        (lambda: annealed_log_likelihood(MODEL, torch.full((3, 4), math.nan), seeded(1)), "not finite"),
        (
            lambda: annealed_log_likelihood(
                ObservedGenerator(lambda z: z.log(), 3, 1.0), torch.zeros(4, 3), seeded(1), Annealing(2, 3, 2)
            ),
            "the generator returns values that are not finite",
        ),
    ],
)
def test_nonsense_is_refused_in_a_sentence(call, words):
    """Never a NaN."""
    with pytest.raises(InvalidSamples, match=words):
        call()
