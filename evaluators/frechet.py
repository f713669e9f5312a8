"""Fréchet distance between Gaussians fitted to two sets of features (Heusel et al., 2017, arXiv:1706.08500).

FD = ‖μ₁ - μ₂‖² + tr Σ₁ + tr Σ₂ - 2 tr √(Σ₁ Σ₂)

The last trace is the nuclear norm of R₁ R₂ᵀ for any roots Σ = RᵀR, so no matrix root is taken. Three ways by rank:
- a set smaller than d: its root is the centred features themselves; singular values of R₁ R₂ᵀ, exact to rounding;
- Σ₁ and Σ₂ well inside the positive definite ones: Σ₁ = L Lᵀ, square roots of the eigenvalues of Lᵀ Σ₂ L;
- otherwise: singular values of the product of spectral roots, which does not square the condition number.

FD of a finite sample is biased upwards, by an amount that depends on the generator (Chong & Forsyth, 2020,
arXiv:1911.07023): N is part of the number, and `frechet_infinity` extrapolates 1/N to zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import not_negative, pair
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator, named
from evaluators.moments import ROUNDED, Moments, feature_moments, same_dimension
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

EPS = torch.finfo(torch.float64).eps
TOLERANCE = 1e-10  # worst relative error of the trace up to which the fast way is trusted; seen are a thousandth of it
PANEL = 256  # columns at a time
SIZES = 15  # points of the fit against 1/N, as in the authors' code and in dgm-eval
PER_DIMENSION = 2  # samples: with fewer FD is no line in 1/N; the authors' 5,000 of 2,048 dimensions have 2.4


def spectral_root(covariance: Tensor) -> Tensor:
    """Return R [r, d] with RᵀR = Σ, without the directions that rounding alone fills; refuse an indefinite Σ."""
    values, vectors = torch.linalg.eigh(covariance)
    if float(values[0]) < -ROUNDED * float(values.abs().max()):
        raise InvalidSamples(
            f"a covariance of {len(values)} dimensions has the negative eigenvalue {float(values[0]):.3g}, which no "
            "sample covariance has"
        )
    kept = values > len(values) * EPS * values[-1].clamp(min=0.0)
    root: Tensor = vectors[:, kept] * values[kept].sqrt()
    return root.T


def nuclear_norm(matrix: Tensor) -> float:
    """Sum the singular values; an empty matrix has none."""
    return float(torch.linalg.svdvals(matrix).sum()) if matrix.numel() else 0.0


def feature_root(x: Tensor) -> Tensor:
    """Return R [r, d] with RᵀR = Σ of features [N, d]: the centred features where they are fewer than dimensions."""
    if len(x) < x.shape[1]:
        centred: Tensor = x - x.mean(0)
        return centred / math.sqrt(len(x) - 1)
    covariance = feature_moments(x).covariance
    factor, failed = torch.linalg.cholesky_ex(covariance)
    root: Tensor = spectral_root(covariance) if int(failed) else factor.T
    return root


def congruence(factor: Tensor, symmetric: Tensor) -> Tensor:
    """Return the lower triangle of Lᵀ S L for lower triangular L: by panels, under half the work of two products."""
    d = len(factor)
    result = torch.zeros_like(symmetric)
    for j in range(0, d, PANEL):
        columns = slice(j, j + PANEL)
        product = symmetric[j:, j:] @ factor[j:, columns]  # rows above j never meet a non-zero of Lᵀ below
        for i in range(j, d, PANEL):
            rows = slice(i, i + PANEL)
            result[rows, columns] = factor[i:, rows].T @ product[i - j :]
    return result


def trace_of_root(first: Tensor, second: Tensor) -> float:
    """Return tr √(Σ₁ Σ₂) of two covariances [d, d]."""
    factor, failed = torch.linalg.cholesky_ex(first)
    if not int(failed):
        values = torch.linalg.eigvalsh(congruence(factor, second))
        roots = values.clamp(min=0.0).sqrt()
        # An eigenvalue is wrong by EPS times the largest one, so its root by that over twice the root.
        doubt = float((EPS * values[-1] / (2.0 * roots)).sum())
        if doubt < TOLERANCE * float(roots.sum()):
            return float(roots.sum())
    return nuclear_norm(spectral_root(first) @ spectral_root(second).T)


def assemble(first: Tensor, second: Tensor, traces: float, trace_root: float) -> float:
    """Put the terms together; a difference that rounding made negative is zero."""
    return not_negative("the distance", float((first - second).square().sum()) + traces - 2.0 * trace_root)


def frechet_distance_of_moments(first: Moments, second: Moments) -> float:
    """Return the Fréchet distance of two sets from their moments alone."""
    same_dimension(first, second)
    one, two = first.covariance, second.covariance
    return assemble(first.mean, second.mean, float(one.trace() + two.trace()), trace_of_root(one, two))


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """Return the Fréchet distance of two sets of features [N, d] and [M, d]."""
    x, y = pair("first", first, "second", second, at_least=2)
    if min(len(x), len(y)) >= x.shape[1]:
        return frechet_distance_of_moments(feature_moments(x), feature_moments(y))
    a, b = feature_root(x), feature_root(y)
    return assemble(x.mean(0), y.mean(0), float(a.square().sum() + b.square().sum()), nuclear_norm(a @ b.T))


@dataclass(frozen=True)
class Extrapolation:
    """A straight line fitted to FD against 1/N."""

    intercept: float  # the distance at infinite N
    slope: float  # slope/N is the bias at N
    smallest: int
    largest: int


def frechet_infinity(first: Tensor, second: Tensor, generator: torch.Generator, sizes: int = SIZES) -> Extrapolation:
    """Extrapolate the distance of `first` to the whole of `second` to infinitely many samples of `first`.

    Chong & Forsyth (2020): random subsets of `first`, of sizes evenly spaced from N/10 to N; here never below 2 d,
    for the line bends where covariances are nearly singular: equal laws of 192 dimensions and 100 to 1,000 samples
    would extrapolate to -3.1 instead of the 2.4 that 3,840 points of `second` cost.
    """
    x, y = pair("first", first, "second", second, at_least=2)
    d = x.shape[1]
    smallest = max(2, len(x) // 10, PER_DIMENSION * d)
    if sizes < 2:
        raise InvalidSamples(f"sizes must be at least 2, got {sizes}")
    if len(x) - smallest < sizes or len(x) < 2 * smallest:
        raise InvalidSamples(
            f"first has {len(x)} samples of {d} dimensions, too few for {sizes} different sizes from {smallest} on"
        )
    ns = torch.linspace(smallest, len(x), sizes, dtype=torch.float64).round().long().tolist()
    subsets = [draw(x, n, generator) for n in ns]
    if len(y) < d:
        distances = [frechet_distance(subset, y) for subset in subsets]
    else:
        whole = feature_moments(y)
        distances = [frechet_distance_of_moments(feature_moments(subset), whole) for subset in subsets]
    design = torch.stack([torch.ones(sizes, dtype=torch.float64), 1.0 / torch.tensor(ns, dtype=torch.float64)], 1)
    line = torch.linalg.lstsq(design, torch.tensor(distances, dtype=torch.float64)[:, None]).solution.flatten()
    return Extrapolation(float(line[0]), float(line[1]), ns[0], ns[-1])


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by the Fréchet distance of their features to the reference's."""
    extractor = truth.extractor
    assert extractor is not None
    x, y = extractor.features(samples), extractor.features(truth.reference)
    distance, infinity = named("fd", extractor), named("fd_infinity15", extractor)
    scores, absent = {distance: Score(frechet_distance(x, y))}, {}
    protocol: dict[str, str | int | float] = {
        "n_samples": len(x),
        "n_reference": len(y),
        "d": x.shape[1],
        "extractor": extractor.fingerprint,
    }
    try:
        line = frechet_infinity(x, y, generator)
        scores[infinity] = Score(line.intercept)
        protocol |= {f"{distance}_bias": line.slope / len(x), f"{infinity}_smallest": line.smallest}
    except InvalidSamples as error:
        absent[infinity] = str(error)
    return Evaluation(scores, absent, protocol)


METRICS = {
    "fd": Metric(
        "lower",
        "Fréchet distance between features of samples and reference, biased upwards at finite N",
        of_itself=0.0,
        ideal=0.0,
        degree=2,
        dropped="worse",
        scale="logarithmic",
    ),
    "fd_infinity15": Metric(
        "lower",
        "fd extrapolated from 15 sample sizes to infinitely many samples",
        ideal=0.0,
        degree=2,
        scale="logarithmic",
    ),
    "fid": Metric("lower", "Fréchet Inception distance: fd on the FID Inception network", scale="logarithmic"),
    "fid_infinity15": Metric("lower", "fd_infinity15 on the FID Inception network", scale="logarithmic"),
}
EVALUATOR = evaluator(
    "Fréchet distance between the features of samples and reference",
    ("extractor",),
    METRICS,
    run,
    on_features=True,
)
