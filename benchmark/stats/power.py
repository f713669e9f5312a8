"""The number of seeds needed to detect an effect."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, stdtrit

MOST_SEEDS = 1_000_000
LARGEST = 1000.0  # non-centrality that is told apart; with a larger one the power is certain but at absurd levels


def power_of(n: int, effect: float, *, paired: bool, alpha: float = 0.05) -> float:
    """Return the probability that a two-sided t test shows an effect with n seeds per row (Cohen, 1988, chapter 2).

    P(|T| > t[ν, 1 - α/2]),  T non-central t with δ = effect · √(n/2), ν = 2n - 2; paired δ = effect · √n, ν = n - 1

    `effect` is the true difference in standard deviations: of one row's runs, or of the differences if paired.
    """
    if n < 2:
        return 0.0
    freedom = n - 1 if paired else 2 * n - 2
    shift = abs(effect) * math.sqrt(n if paired else n / 2)
    return _beyond(float(stdtrit(freedom, 1 - alpha / 2)), freedom, min(shift, LARGEST))


def _beyond(edge: float, freedom: int, shift: float) -> float:
    """Return P(|T| > edge) of the non-central t, T = (Z + δ) / S with S² = χ²_ν / ν, as a mean over x = log S.

    E[Φ(δ - edge·S) + Φ(-δ - edge·S)],  density of x proportional to exp(ν (x - e^(2x) / 2))

    The trapezoidal rule gives ten digits. `nctdtr` of scipy before 1.15 gives four, and from 1.15 on often nan.
    """
    low, high = -21 / freedom - 4.5 / math.sqrt(freedom), 4.5 / math.sqrt(freedom)
    x = np.linspace(low, high, 60 + math.ceil((high - low) * max(30.0, shift)))  # the integrand's step is 1/δ wide
    s = np.exp(x)
    weights = np.exp(freedom * (x + (1 - s**2) / 2))
    return float(weights @ (ndtr(shift - edge * s) + ndtr(-shift - edge * s)) / weights.sum())


def required_seeds(effect: float, *, paired: bool, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """Return the fewest seeds per row that show an effect with this power; None if a million would not do."""
    if not (0 < alpha < 1 and 0 < power < 1):
        raise ValueError(f"alpha and power must be in (0, 1), got {alpha!r} and {power!r}")
    if math.isnan(effect):
        raise ValueError("effect must be a number, got nan")
    high = 2
    while power_of(high, effect, paired=paired, alpha=alpha) < power:
        if high >= MOST_SEEDS:
            return None
        high *= 2
    low = max(1, high // 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(middle, effect, paired=paired, alpha=alpha) >= power else (middle, high)
    return high
