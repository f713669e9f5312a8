"""Divergences where densities are known, by exact sampling, and the distance of a critic to the optimal one.

With x ~ p and y ~ q, r = log p/q:
KL(p ‖ q) = E_p r          KL(q ‖ p) = -E_q r          TV = ½ (E_p (1 - e^-r)₊ + E_q (1 - e^r)₊)
JSD = log 2 - ½ E_p softplus(-r) - ½ E_q softplus(r)   in [0, log 2]

A generator has no density: the evaluator puts a Parzen window on half of its samples, chooses the width on the other
half, and takes the divergences of the truth and that window, both sampled exactly. The window smooths: exact samples
do not score zero, and their score by the same rule is recorded in the protocol as the floor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from evaluators.checks import points, tensor, varied
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.parzen import choose_sigma, parzen_log_density
from evaluators.subsets import shuffled
from evaluators.truth import Evaluation, Metric, Score, Truth

UNBOUNDED = ("kl_forward_parzen", "kl_reverse_parzen")
WIDTHS = tuple(10.0 ** (-4.0 + i / 10.0) for i in range(41))  # of the window, in units of the reference's spread


@dataclass(frozen=True)
class Divergences:
    """Estimates with standard errors; None is an infinite KL: one density is zero at samples of the other."""

    kl_forward: Score | None  # KL(p ‖ q)
    kl_reverse: Score | None  # KL(q ‖ p)
    jsd: Score
    tv: Score


def log_ratio(name: str, above: Tensor, below: Tensor) -> Tensor:
    """Return log p/q [N] at samples of p; only the other density may be zero there."""
    a, b = (tensor(name, values).double().flatten() for values in (above, below))
    if a.shape != b.shape or len(a) < 2:
        raise InvalidSamples(f"{name}: log-densities of {len(a)} and {len(b)} points; equal numbers above 1 are needed")
    if not bool(a.isfinite().all()) or bool((b.isnan() | (b == torch.inf)).any()):
        bad = int((~a.isfinite()).sum() + (b.isnan() | (b == torch.inf)).sum())
        raise InvalidSamples(f"{name}: {bad} of {len(a)} log-densities are not finite but must be")
    return a - b


def mean(values: Tensor) -> Score:
    """Return the mean with its standard error."""
    return Score(float(values.mean()), float(values.std()) / math.sqrt(len(values)))


def half_sum(first: Score, second: Score) -> Score:
    """Return the mean of two independent scores."""
    assert first.standard_error is not None
    assert second.standard_error is not None
    return Score((first.value + second.value) / 2.0, math.hypot(first.standard_error, second.standard_error) / 2.0)


def divergences(log_p_at_p: Tensor, log_q_at_p: Tensor, log_p_at_q: Tensor, log_q_at_q: Tensor) -> Divergences:
    """Estimate from log-densities [N] at samples of p and [M] at samples of q."""
    r, s = log_ratio("at samples of p", log_p_at_p, log_q_at_p), log_ratio("at samples of q", log_q_at_q, log_p_at_q)
    return Divergences(
        mean(r) if bool(r.isfinite().all()) else None,
        mean(s) if bool(s.isfinite().all()) else None,
        half_sum(mean(math.log(2.0) - softplus(-r)), mean(math.log(2.0) - softplus(-s))),
        half_sum(mean((1.0 - (-r).exp()).clamp(min=0.0)), mean((1.0 - (-s).exp()).clamp(min=0.0))),
    )


@dataclass(frozen=True)
class CriticDistance:
    """How far a critic is from D* = log p/q."""

    rms: float  # of D - D*
    rms_up_to_shift: float  # the best constant added: for objectives that a shift does not change
    probability: float  # mean |σ(D) - p/(p + q)|, in [0, 1]


def critic_distance(scores: Tensor, log_p: Tensor, log_q: Tensor) -> CriticDistance:
    """Compare a critic's scores [N] with the optimal ones at points where both densities are known."""
    gap = log_ratio("at the points", log_p, log_q)
    d = points("scores", scores.reshape(-1, 1)).flatten()
    if d.shape != gap.shape or not bool(gap.isfinite().all()):
        raise InvalidSamples(f"scores has {len(d)} values for {len(gap)} points; every point needs positive densities")
    error = d - gap
    probability = (d.sigmoid() - gap.sigmoid()).abs().mean()
    return CriticDistance(float(error.square().mean().sqrt()), float(error.std(correction=0)), float(probability))


def window_samples(centres: Tensor, sigma: float, n: int, generator: torch.Generator) -> Tensor:
    """Draw from the Parzen window itself: a random centre, and noise."""
    chosen = torch.randint(len(centres), (n,), generator=generator, device=generator.device)
    noise = torch.randn(n, centres.shape[1], generator=generator, device=generator.device, dtype=torch.float64)
    return centres[chosen.to(centres.device)] + sigma * noise.to(centres.device)


def estimate(samples: Tensor, truth: Truth, generator: torch.Generator) -> tuple[Divergences, float, bool]:
    """Put a Parzen window on samples [N, d] and compare it with the truth.

    The window's width comes along, and whether it is the first or the last of those tried.
    """
    assert truth.log_density is not None
    assert truth.sampler is not None
    half, n = len(samples) // 2, len(samples)
    samples = shuffled(samples, generator)
    centres, tuning = samples[:half], samples[half:]
    reference = varied("reference", points("reference", truth.reference))
    spread = float((reference - reference.mean(0)).square().sum(1).mean().sqrt())
    sigma, at_edge = choose_sigma(centres, tuning, tuple(spread * width for width in WIDTHS))
    exact = truth.sampler(n, generator).to(samples.device)
    x, y = points("exact samples", exact), window_samples(centres, sigma, n, generator)
    shaped = y.reshape(-1, *truth.reference.shape[1:])
    found = divergences(
        truth.log_density(exact),
        parzen_log_density(x, centres, (sigma,))[0],
        truth.log_density(shaped),
        parzen_log_density(y, centres, (sigma,))[0],
    )
    return found, sigma, at_edge


def named_scores(found: Divergences) -> dict[str, Score | None]:
    """Return the scores by family."""
    return {
        "kl_forward_parzen": found.kl_forward,
        "kl_reverse_parzen": found.kl_reverse,
        "jsd_parzen": found.jsd,
        "tv_parzen": found.tv,
    }


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the known density, with the floor of as many exact ones."""
    assert truth.sampler is not None
    y = points("samples", samples, at_least=8)
    found, sigma, at_edge = estimate(y, truth, generator)
    floor, *_ = estimate(points("exact samples", truth.sampler(len(y), generator).to(y.device)), truth, generator)
    scores = {name: score for name, score in named_scores(found).items() if score is not None}
    absent = dict.fromkeys(METRICS.keys() - scores.keys(), "infinite: one density is zero at samples of the other")
    if at_edge:  # the other two are bounded, and say what there is to say of a point or of a cloud without end
        absent |= dict.fromkeys(
            UNBOUNDED, f"the window's width, {sigma:.3g}, is at an end of the range and determines the value"
        )
        scores = {name: score for name, score in scores.items() if name not in UNBOUNDED}
    protocol: dict[str, str | int | float] = {"n_samples": len(y), "sigma": sigma}
    protocol |= {f"{name}_floor": score.value for name, score in named_scores(floor).items() if score is not None}
    return Evaluation(scores, absent, protocol)


METRICS = {
    "jsd_parzen": Metric(
        "lower", "Jensen-Shannon divergence of the truth and a Parzen window on samples, at most log 2"
    ),
    "kl_forward_parzen": Metric("lower", "KL(truth, Parzen window on samples), nats"),
    "kl_reverse_parzen": Metric("lower", "KL(Parzen window on samples, truth), nats"),
    "tv_parzen": Metric("lower", "total variation distance of the truth and a Parzen window on samples, at most 1"),
}
EVALUATOR = evaluator("divergences from a known density", ("log_density", "sampler"), METRICS, run)
