"""Losses of features with stopped gradients, implemented again in plain Python floats: slicing and transport.

Each form takes the fixed values of its stopped parts separately from those that move, so its central differences are
the gradients that the paper means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

Vectors: TypeAlias = Sequence[Sequence[float]]


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Return a · b."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def length(a: Sequence[float]) -> float:
    """Return ‖a‖."""
    return math.sqrt(dot(a, a))


def slicing(margin: float, moving: Sequence[Vectors], held: Sequence[Vectors]) -> tuple[float, float]:
    """Return SAN's losses from the features of real and fake samples and the last layer, a batch of one vector."""
    (real, fake, (head,)), (real_held, fake_held, (head_held,)) = moving, held
    scale, scale_held = length(head), length(head_held)

    def score(h: Sequence[float]) -> float:
        return scale * dot(h, head_held) / scale_held

    def slice_of(h: Sequence[float]) -> float:
        return scale_held * dot(h, head) / scale

    hinge = sum(max(0.0, margin - score(h)) for h in real) / len(real)
    hinge += sum(max(0.0, margin + score(h)) for h in fake) / len(fake)
    direction = sum(map(slice_of, fake_held)) / len(fake) - sum(map(slice_of, real_held)) / len(real)
    return hinge + direction, -sum(dot(h, head) for h in fake) / len(fake)


def transport(o: Any, moving: Sequence[Vectors], held: Sequence[Vectors]) -> tuple[float, float]:
    """Return minus and plus the energy distance of x, x', g, g', matched where gradients are stopped."""

    def cost(a: Sequence[float], b: Sequence[float]) -> float:
        return 1.0 - dot(a, b) / (length(a) * length(b))

    def matched(left: Vectors, right: Vectors) -> list[list[float]]:
        """Normalise rows and columns in turn, rows last, of exp(-λ C)."""
        m = [[math.exp(-o.sharpness * cost(a, b)) for b in right] for a in left]
        for _ in range(o.iterations):
            m = [[value / sum(row) for value in row] for row in m]
            totals = [sum(column) for column in zip(*m, strict=True)]
            m = [[value / total for value, total in zip(row, totals, strict=True)] for row in m]
        return [[value / sum(row) for value in row] for row in m]

    def paid(i: int, j: int) -> float:
        plan = matched(held[i], held[j])
        rows = ((row, a) for row, a in zip(plan, moving[i], strict=True))
        return sum(share * cost(a, b) for row, a in rows for share, b in zip(row, moving[j], strict=True)) / len(plan)

    across = paid(0, 2) + paid(0, 3) + paid(1, 2) + paid(1, 3)
    distance = across - 2.0 * paid(0, 1) - 2.0 * paid(2, 3)
    return -distance, distance
