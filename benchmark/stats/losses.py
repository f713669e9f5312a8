"""Runs as losses: lower is better, and a failed run is worse than any that finished."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

from benchmark.stats.intervals import Interval
from benchmark.stats.samples import checked_level


@dataclass(frozen=True)
class Probability:
    """A probability estimated from runs; without runs it has no value."""

    value: float | None
    interval: Interval | None


def as_losses(values: Iterable[float | None], direction: Literal["higher", "lower"]) -> list[float]:
    """Turn scores into losses; None is a failed run, infinitely bad."""
    sign = 1.0 if direction == "lower" else -1.0
    losses = [math.inf if value is None else sign * float(value) for value in values]
    if any(math.isnan(loss) for loss in losses):
        raise ValueError("values must not be NaN; a failed run is None")
    return losses


def probability_of_improvement(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> Probability:
    """Return P(a run of a beats a run of b), ties counting half, from losses that may be infinite.

    θ = U / (mn) = mean over pairs of [a < b] + ½ [a = b]

    The interval is the score-type one of Newcombe (2006, https://doi.org/10.1002/sim.2324, method 5), which is
    honest at few seeds and at θ = 0 or 1, where a bootstrap has no width. It takes the runs as independent.
    """
    checked_level(level)
    if not a or not b:
        return Probability(None, None)
    wins = math.fsum(1.0 if x < y else 0.5 if x == y else 0.0 for x in a for y in b)
    theta = wins / (len(a) * len(b))
    z = float(ndtri((1 + level) / 2))
    low = _solve(theta, 0.0, len(a), len(b), z)
    high = _solve(theta, 1.0, len(a), len(b), z)
    return Probability(theta, Interval(low, high, level, "Newcombe"))


def _solve(theta: float, far: float, m: int, n: int, z: float) -> float:
    """Find where |θ - bound| = z · √V(bound) between θ and the far end, by bisection.

    V(θ) = θ(1 - θ) (1 + (N - 1) ((1 - θ)/(2 - θ) + θ/(1 + θ))) / (mn),  N = (m + n)/2
    """
    inside, outside = theta, far
    for _ in range(100):
        middle = (inside + outside) / 2
        average_size = (m + n) / 2
        shape = (1 - middle) / (2 - middle) + middle / (1 + middle)
        variance = middle * (1 - middle) * (1 + (average_size - 1) * shape) / (m * n)
        covered = (theta - middle) ** 2 <= z * z * variance
        inside, outside = (middle, outside) if covered else (inside, middle)
    return (inside + outside) / 2
