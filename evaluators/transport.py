"""Sliced and exact Wasserstein distances.

Exact: equal-size samples make optimal transport an assignment (scipy, cubic in N), so the size is part of the name.
Sliced: the mean over random directions of the 1-D distance, which sorting solves (Bonneel et al., 2015,
https://doi.org/10.1007/s10851-014-0506-3). Both are biased upwards at finite N: compare them with the oracle's row.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

DIRECTIONS = 256
ASSIGNED = 500


def wasserstein_1d(first: Tensor, second: Tensor, power: int = 1) -> Tensor:
    """Return W_p^p between the columns of [N, P] and [M, P]: ∫ |F⁻¹(t) - G⁻¹(t)|^p dt, exact for any two sizes."""
    x, y = (values.sort(0).values for values in pair("first", first, "second", second))
    n, m = len(x), len(y)
    if n == m:
        return (x - y).abs().pow(power).mean(0)
    # The quantile functions jump at multiples of 1/n and 1/m: counted in units of 1/(nm), all is exact.
    jumps = torch.unique(
        torch.cat([torch.arange(n + 1, device=x.device) * m, torch.arange(m + 1, device=x.device) * n])
    )
    widths = (jumps[1:] - jumps[:-1]).double() / (n * m)
    gaps: Tensor = x[jumps[:-1] // m] - y[jumps[:-1] // n]
    distances: Tensor = widths @ gaps.abs().pow(power)
    return distances


def directions(d: int, count: int, generator: torch.Generator) -> Tensor:
    """Draw unit vectors [d, count], uniform on the sphere."""
    normal = torch.randn(d, count, generator=generator, device=generator.device, dtype=torch.float64)
    lengths: Tensor = torch.linalg.vector_norm(normal, dim=0)
    return normal / lengths


def sliced_wasserstein(
    first: Tensor, second: Tensor, generator: torch.Generator, power: int = 2, count: int = DIRECTIONS
) -> Score:
    """Return (E_θ W_p^p(θ·x, θ·y))^(1/p) over random directions; the standard error is that of the directions alone."""
    x, y = pair("first", first, "second", second)
    if power not in (1, 2) or count < 2:
        raise InvalidSamples(f"power must be 1 or 2 and count at least 2, got {power} and {count}")
    sphere = directions(x.shape[1], count, generator).to(x.device)
    values = wasserstein_1d(x @ sphere, y @ sphere, power)
    mean, error = float(values.mean()), float(values.std()) / math.sqrt(count)
    root = mean ** (1.0 / power)
    return Score(root, error * root / (power * mean) if mean > 0.0 else 0.0)


def wasserstein(first: Tensor, second: Tensor, power: int = 1) -> float:
    """Return the exact W_p of two sets of one size N, with Euclidean distances: a few seconds at N = 2,000.

    The distances are computed where the sets are, the assignment on the host.
    """
    from scipy.optimize import linear_sum_assignment

    x, y = pair("first", first, "second", second)
    if len(x) != len(y):
        raise InvalidSamples(f"first has {len(x)} samples but second has {len(y)}: the assignment needs equal sizes")
    if power not in (1, 2):
        raise InvalidSamples(f"power must be 1 or 2, got {power}")
    costs = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist").pow(power).cpu().numpy()
    rows, columns = linear_sum_assignment(costs)
    return math.pow(float(costs[rows, columns].mean()), 1.0 / power)


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by their transport distance to the reference."""
    x, y = pair("samples", samples, "reference", truth.reference)
    scores, absent = {"sliced_w2_256": sliced_wasserstein(x, y, generator)}, {}
    if min(len(x), len(y)) >= ASSIGNED:
        scores["w1_n500"] = Score(wasserstein(draw(x, ASSIGNED, generator), draw(y, ASSIGNED, generator)))
    else:
        absent["w1_n500"] = f"needs {ASSIGNED} samples on both sides, got {len(x)} and {len(y)}"
    return Evaluation(scores, absent, {"n_samples": len(x), "n_reference": len(y), "d": x.shape[1]})


METRICS = {
    "sliced_w2_256": Metric(
        "lower",
        "sliced Wasserstein-2 distance over 256 random directions",
        of_itself=0.0,
        ideal=0.0,
        degree=1,
        scale="logarithmic",
    ),
    "w1_n500": Metric(
        "lower",
        "exact Wasserstein-1 distance between 500 random samples and 500 of the reference",
        ASSIGNED,
        ASSIGNED,
        degree=1,
        scale="logarithmic",
    ),
}
EVALUATOR = evaluator("Wasserstein distances to the reference", (), METRICS, run)
