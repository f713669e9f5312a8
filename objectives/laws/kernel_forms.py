"""The games on an embedding, implemented again in plain Python floats, for an embedding of one dimension.

Two points per side, r and f, so the unbiased means over pairs of one side are over a single pair. The penalties' points
are the middle of each line, ε = ½, as the law's game draws it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

RQ_ALPHAS = (0.2, 0.5, 1.0, 2.0, 5.0)  # Bińkowski et al., 2018, section 4
RBF_WIDTHS = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)


def kernel(name: str, gap: float) -> float:
    """Return Σ_α (1 + d²/2α)^-α or Σ_σ exp(-d²/2σ²)."""
    if name == "rq":
        return sum(math.pow(1.0 + gap**2 / (2.0 * alpha), -alpha) for alpha in RQ_ALPHAS)
    return sum(math.exp(-(gap**2) / (2.0 * width**2)) for width in RBF_WIDTHS)


def kernel_slope(name: str, gap: float) -> float:
    """Return the kernel's derivative with respect to d."""
    if name == "rq":
        return -gap * sum(math.pow(1.0 + gap**2 / (2.0 * alpha), -alpha - 1.0) for alpha in RQ_ALPHAS)
    return -gap * sum(math.exp(-(gap**2) / (2.0 * width**2)) / width**2 for width in RBF_WIDTHS)


def across(r: Sequence[float], f: Sequence[float]) -> list[float]:
    """List the gaps of all pairs of a real and a fake point."""
    return [x - y for x in r for y in f]


def middles(r: Sequence[float], f: Sequence[float]) -> list[float]:
    """Return the points of the penalty, ½ x + ½ G(z)."""
    return [(x + y) / 2.0 for x, y in zip(r, f, strict=True)]


def one_centred(slopes: Sequence[float]) -> float:
    """Return E (|slope| - 1)²."""
    return sum((abs(slope) - 1.0) ** 2 for slope in slopes) / len(slopes)


def mmd(o: Any, r: Sequence[float], f: Sequence[float]) -> tuple[float, float]:
    """Return -MMD² + λ E (|w'(x̂)| - 1)² and MMD², w(t) = E k(t - x) - E k(t - G(z)) the witness."""
    gaps = across(r, f)
    squared = kernel(o.kernel, r[0] - r[1]) + kernel(o.kernel, f[0] - f[1])
    squared -= 2.0 * sum(kernel(o.kernel, gap) for gap in gaps) / len(gaps)

    def slope(t: float) -> float:
        to_real, to_fake = (sum(kernel_slope(o.kernel, t - x) for x in side) / len(side) for side in (r, f))
        return to_real - to_fake

    return -squared + o.weight * one_centred([slope(t) for t in middles(r, f)]), squared


def cramer(o: Any, r: Sequence[float], f: Sequence[float]) -> tuple[float, float]:
    """Return E w(G(z)) - E w(x) + λ E (|w'(x̂)| - 1)² and the energy distance, w(t) = E |t - G(z)| - |t|."""
    gaps = across(r, f)
    between, of_real, of_fake = sum(map(abs, gaps)) / len(gaps), abs(r[0] - r[1]), abs(f[0] - f[1])
    witness_real = between - sum(map(abs, r)) / len(r)
    witness_fake = of_fake - sum(map(abs, f)) / len(f)

    def slope(t: float) -> float:
        return sum(math.copysign(1.0, t - y) for y in f) / len(f) - math.copysign(1.0, t)

    penalty = one_centred([slope(t) for t in middles(r, f)])
    return witness_fake - witness_real + o.weight * penalty, 2.0 * between - of_fake - of_real


def fixed_mmd(o: Any, r: Sequence[float], f: Sequence[float]) -> tuple[float, float]:
    """Return 0 and MMD² of Gaussians whose σ² are 4^-5, …, 4 times the squared distance of the two real points."""
    scale = (r[0] - r[1]) ** 2

    def k(gap: float) -> float:
        return sum(math.exp(-(gap**2) / (2.0 * 4.0**power * scale)) for power in range(-5, 2))

    gaps = across(r, f)
    return 0.0, k(r[0] - r[1]) + k(f[0] - f[1]) - 2.0 * sum(map(k, gaps)) / len(gaps)


DRIFT_TEMPERATURES = (0.02, 0.05, 0.2)  # Deng et al., 2026


def drifting(
    o: Any, r: Sequence[float], f: Sequence[float], held: tuple[Sequence[float], Sequence[float]] | None = None
) -> tuple[float, float]:
    """Return 0 and E (f - t)², the targets t = f + V taken at the points where gradients are stopped."""
    data, points = held or (r, f)
    scale = sum(abs(gap) for gap in across(data, points)) / (len(data) * len(points))
    targets = list(points)
    for temperature in DRIFT_TEMPERATURES:
        kernel_of = [
            [math.exp(-abs(y - x) / (temperature * scale)) for x in data]
            + [0.0 if i == j else math.exp(-abs(y - x) / (temperature * scale)) for j, x in enumerate(points)]
            for i, y in enumerate(points)
        ]
        of_target = [sum(row[j] for row in kernel_of) for j in range(len(data) + len(points))]
        for i, row in enumerate(kernel_of):
            affinity = [k / math.sqrt(sum(row) * total) for k, total in zip(row, of_target, strict=True)]
            near, others = affinity[: len(data)], affinity[len(data) :]
            towards = sum(a * x for a, x in zip(near, data, strict=True)) * sum(others)
            away = sum(a * x for a, x in zip(others, points, strict=True)) * sum(near)
            targets[i] += towards - away
    return 0.0, sum((y - t) ** 2 for y, t in zip(f, targets, strict=True)) / len(f)
