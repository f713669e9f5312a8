"""Parzen-window log-likelihood by the protocol of Goodfellow et al. (2014, arXiv:1406.2661; its `parzen_ll.py`).

A historical measure: Theis et al. (2016, arXiv:1511.01844) show that it ranks k-means centroids above true samples,
so tables hold both as controls. It depends on the number of centres, on sigma and on the scale of the
pixels (dividing by 256 for 255 moves MNIST by 3.07 nats): the values must be in [0, 1] and all sizes are reported.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import UNIT, matrices, pair
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

PAPER_GRID: tuple[float, ...] = tuple(10.0 ** (-1.0 + i / 9.0) for i in range(10))  # numpy.logspace(-1, 0, 10)
FINE_GRID: tuple[float, ...] = tuple(10.0 ** (-2.0 + i / 30.0) for i in range(61))  # 30 a decade from 0.01
VALIDATION_LIMIT = 1000  # the paper's search sees 1,000 validation points: the first ones there, random ones here
UNDERFLOW = -80.0  # e^-80 is lost in a sum that holds a 1; below about -700 torch.exp takes 60 times as long
BLOCK = 256  # rows: a block of 256 x 10,000 float64 stays near the cache


@dataclass(frozen=True)
class Parzen:
    """A Parzen-window score and all that it depends on."""

    mean: float  # nats
    standard_error: float  # population standard deviation / sqrt(n_test), as the paper's code has it
    sigma: float
    sigma_at_edge: bool
    n_samples: int
    n_validation: int
    n_test: int
    d: int


def checked_grid(sigmas: tuple[float, ...]) -> tuple[float, ...]:
    """Demand at least one positive, finite sigma."""
    if not sigmas or not all(0.0 < sigma < math.inf for sigma in sigmas):
        raise InvalidSamples(f"sigmas must be positive numbers, got {sigmas}")
    return sigmas


def parzen_log_density(x: Tensor, centres: Tensor, sigmas: tuple[float, ...]) -> Tensor:
    """Return log (1/M) Σ_i N(x; μ_i, σ² I) for every sigma and every x, as [S, N].

    log mean_i exp(-‖x - μ_i‖²/2σ²) - d log(σ √2π), in blocks of matrix products, all sigmas sharing one block of
    distances. The nearest centre's exponent is taken out, so the clamp changes nothing that a float64 can hold.
    """
    x, mu = pair("x", x, "centres", centres)
    checked_grid(sigmas)
    x.new_ones(1).exp()  # the first exp by several threads may be inexact: pytorch issue 188792
    middle = mu.mean(0)  # a common shift changes no distance and halves the rounding of the product form
    x, mu = x - middle, mu - middle
    half_norms, transposed = -mu.square().sum(1) / 2.0, mu.T.contiguous()
    normalisers = [math.log(len(mu)) + x.shape[1] * math.log(sigma * math.sqrt(2.0 * math.pi)) for sigma in sigmas]
    result = x.new_empty(len(sigmas), len(x))
    buffer = x.new_empty(min(BLOCK, len(x)), len(mu))
    scaled = torch.empty_like(buffer) if len(sigmas) > 1 else buffer
    for start in range(0, len(x), BLOCK):
        rows = x[start : start + BLOCK]
        exponents = torch.addmm(half_norms, rows, transposed, out=buffer[: len(rows)])  # x·μ - ‖μ‖²/2
        top = exponents.amax(1, keepdim=True)
        nearest = (rows.square().sum(1) - 2.0 * top[:, 0]).clamp(min=0.0)  # squared distance to the nearest centre
        exponents.sub_(top)
        for s, (sigma, normaliser) in enumerate(zip(sigmas, normalisers, strict=True)):
            terms = torch.mul(exponents, 1.0 / sigma**2, out=scaled[: len(rows)]).clamp_(min=UNDERFLOW).exp_()
            result[s, start : start + BLOCK] = terms.sum(1).log_() - nearest / (2.0 * sigma**2) - normaliser
    return result


def choose_sigma(samples: Tensor, validation: Tensor, grid: tuple[float, ...] = PAPER_GRID) -> tuple[float, bool]:
    """Return the sigma of the best mean validation score, and whether it lies at the edge of the grid."""
    best = int(parzen_log_density(validation, samples, grid).mean(1).argmax())
    return grid[best], best in (0, len(grid) - 1)


def score(
    samples: Tensor, test: Tensor, validation: Tensor, generator: torch.Generator, grid: tuple[float, ...]
) -> Parzen:
    """Do what `parzen` does, without its warning: an evaluator's record says the same in its protocol."""
    mu, x, tuning = matrices({"samples": samples, "test": test, "validation": validation}, limits=UNIT)
    tuning = draw(tuning, VALIDATION_LIMIT, generator)
    sigma, at_edge = choose_sigma(mu, tuning, checked_grid(grid))
    log_likelihoods = parzen_log_density(x, mu, (sigma,))[0]
    mean, deviation = float(log_likelihoods.mean()), float(log_likelihoods.std(correction=0))
    error = deviation / math.sqrt(len(x))
    return Parzen(mean, error, sigma, at_edge, len(mu), len(tuning), len(x), x.shape[1])


def parzen(
    samples: Tensor,
    test: Tensor,
    validation: Tensor,
    generator: torch.Generator,
    grid: tuple[float, ...] = PAPER_GRID,
) -> Parzen:
    """Score samples by the mean log-likelihood of test points under their Parzen window.

    Sigma maximises the mean over 1,000 random validation points. All values must be in [0, 1].
    """
    found = score(samples, test, validation, generator, grid)
    if found.sigma_at_edge:
        edge = f"sigma {found.sigma:g} is at the edge of the grid {grid[0]:g} .. {grid[-1]:g}"
        warnings.warn(f"{edge}: the best one may be outside", stacklevel=2)
    return found


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by the 2014 protocol."""
    assert truth.validation is not None
    found = score(samples, truth.reference, truth.validation, generator, PAPER_GRID)
    protocol: dict[str, str | int | float] = {
        "n_samples": found.n_samples,
        "n_validation": found.n_validation,
        "n_test": found.n_test,
        "d": found.d,
        "sigma": found.sigma,
        "sigma_at_edge": int(found.sigma_at_edge),
        "sigma_grid": f"logspace(-1, 0, {len(PAPER_GRID)})",
        "pixels": "[0, 1] as given, no divisor applied",
    }
    return Evaluation({"parzen": Score(found.mean, found.standard_error)}, {}, protocol)


METRICS = {  # k-means passes the oracle (Theis et al., 2016, arXiv:1511.01844), so it has no share
    "parzen": Metric("higher", "Parzen-window log-likelihood of test points, nats (2014 protocol)", scale="none")
}
EVALUATOR = evaluator(
    "Parzen-window log-likelihood by the protocol of Goodfellow et al. (2014), a historical measure",
    ("validation",),
    METRICS,
    run,
)
