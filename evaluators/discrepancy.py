"""Unbiased kernel discrepancies between two sets, with a standard error, in blocks.

MMD² = E k(x, x') + E k(y, y') - 2 E k(x, y)         (Gretton et al., 2012, JMLR 13:723)

estimated by the U-statistic, which no sample is paired with itself in: its expectation is 0 for equal distributions
and it may be negative. The standard error is the jackknife over both sets; where the distributions are equal the
statistic is degenerate and the jackknife errs on the large side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import pair, points, varied
from evaluators.errors import InvalidSamples
from evaluators.subsets import draw
from evaluators.truth import Score

BLOCK = 500
Kernel = Callable[[Tensor, Tensor], Tensor]  # [B, d], [C, d] -> [B, C], a fresh tensor


def cubic(a: Tensor, b: Tensor) -> Tensor:
    """(a·b/d + 1)³, the kernel of the kernel Inception distance (Bińkowski et al., 2018, arXiv:1801.01401)."""
    gram = (a @ b.T).div_(a.shape[1]).add_(1.0)
    return gram.square().mul_(gram)


def squared(a: Tensor, b: Tensor) -> Tensor:
    """‖a - b‖², never negative."""
    gram = torch.addmm(b.square().sum(1), a, b.T, alpha=-2.0)
    return gram.add_(a.square().sum(1)[:, None]).clamp_(min=0.0)


@dataclass(frozen=True)
class Gaussian:
    """exp(-‖a - b‖²/2h²)."""

    bandwidth: float

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the kernel's values [B, C]."""
        # Far pairs contribute nothing; clamped because the underflow path of exp is slow (see parzen.py).
        return squared(a, b).mul_(-0.5 / self.bandwidth**2).clamp_(min=-80.0).exp_()


def minus_distance(a: Tensor, b: Tensor) -> Tensor:
    """-‖a - b‖: its MMD² is the energy distance (Székely & Rizzo, 2013; Sejdinovic et al., 2013)."""
    return squared(a, b).sqrt_().neg_()


def within_sums(x: Tensor, kernel: Kernel) -> Tensor:
    """Return Σ_{i' ≠ i} k(x_i, x_i') for every i: [N], each pair computed once."""
    sums = torch.zeros(len(x), dtype=x.dtype, device=x.device)
    for start in range(0, len(x), BLOCK):
        rows = x[start : start + BLOCK]
        values = kernel(rows, x[start:])
        values.diagonal().zero_()
        sums[start : start + BLOCK] += values.sum(1)
        sums[start + BLOCK :] += values[:, BLOCK:].sum(0)
    return sums


def cross_sums(x: Tensor, y: Tensor, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """Return Σ_j k(x_i, y_j) for every i, and Σ_i k(x_i, y_j) for every j."""
    of_x, of_y = [], torch.zeros(len(y), dtype=x.dtype, device=x.device)
    for rows in torch.split(x, BLOCK):
        values = kernel(rows, y)
        of_x.append(values.sum(1))
        of_y += values.sum(0)
    return torch.cat(of_x), of_y


def jackknife(estimates: Tensor) -> float:
    """Return the jackknife's variance from the leave-one-out estimates [N]."""
    return float(estimates.var(correction=0)) * (len(estimates) - 1)


def discrepancy(x: Tensor, y: Tensor, kernel: Kernel) -> Score:
    """Estimate MMD² of x [M, d] and y [N, d], already checked, and its standard error."""
    m, n = len(x), len(y)
    a, b, (c, e) = within_sums(x, kernel), within_sums(y, kernel), cross_sums(x, y, kernel)
    total_a, total_b, total_c = a.sum(), b.sum(), c.sum()
    of_x, of_y, of_both = total_a / (m * (m - 1)), total_b / (n * (n - 1)), 2.0 * total_c / (m * n)
    without_x = (total_a - 2.0 * a) / ((m - 1) * (m - 2)) + of_y - 2.0 * (total_c - c) / ((m - 1) * n)
    without_y = of_x + (total_b - 2.0 * b) / ((n - 1) * (n - 2)) - 2.0 * (total_c - e) / (m * (n - 1))
    return Score(float(of_x + of_y - of_both), math.sqrt(jackknife(without_x) + jackknife(without_y)))


def kernel_distance(first: Tensor, second: Tensor) -> Score:
    """Return the kernel distance of features [M, d] and [N, d], over all pairs: KID on Inception's features."""
    return discrepancy(*pair("first", first, "second", second, at_least=3), cubic)


def energy_distance(first: Tensor, second: Tensor) -> Score:
    """Return 2 E‖x - y‖ - E‖x - x'‖ - E‖y - y'‖."""
    x, y = pair("first", first, "second", second, at_least=3)
    middle = y.mean(0)  # a common shift changes no distance and keeps the product form exact
    return discrepancy(x - middle, y - middle, minus_distance)


def median_distance(reference: Tensor, generator: torch.Generator, limit: int = 1000) -> float:
    """Return the median distance between two of 1,000 random points: the usual bandwidth, set by the truth alone."""
    x = varied("reference", draw(points("reference", reference, at_least=2), limit, generator))
    distances = torch.pdist(x)
    median = float(distances.median())
    if median <= 0.0:
        raise InvalidSamples(f"reference has a median distance of 0 over {len(x)} samples, so it gives no bandwidth")
    return median


def gaussian_mmd2(first: Tensor, second: Tensor, bandwidth: float) -> Score:
    """Return MMD² with the Gaussian kernel of this bandwidth."""
    if not 0.0 < bandwidth < math.inf:
        raise InvalidSamples(f"bandwidth must be positive, got {bandwidth}")
    x, y = pair("first", first, "second", second, at_least=3)
    middle = y.mean(0)
    return discrepancy(x - middle, y - middle, Gaussian(bandwidth))
