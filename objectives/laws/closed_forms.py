"""The losses written a second time, from the papers' own formulas in plain Python floats, for a real and a fake score.

Every real sample has the score r and every fake one the score f, so relativistic means are r and f themselves. Written
with the papers' probabilities and T = g(v), f*(T), not with the simplified forms of the objectives.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from objectives.base import Objective
from objectives.classic import BoundarySeeking, Minimax, NonSaturating, Softmax
from objectives.divergence import (
    FGAN,
    FGANHellinger,
    FGANJensenShannon,
    FGANKullbackLeibler,
    FGANMinimax,
    FGANNeyman,
    FGANPearson,
    FGANReverseKullbackLeibler,
    FGANTotalVariation,
)
from objectives.energy import BEGAN, EBGAN
from objectives.margin import Hinge, LeastSquares
from objectives.relativistic import (
    RelativisticAverageHinge,
    RelativisticAverageLeastSquares,
    RelativisticAverageStandard,
    RelativisticPairing,
)
from objectives.wasserstein import Wasserstein

Losses = tuple[float, float]  # the critic's and the generator's
ClosedForm = Callable[[Any, float, float], Losses]


def log_sigma(score: float) -> float:
    """Give log σ(score) = -log(1 + exp(-score))."""
    return -math.log1p(math.exp(-score))


def cross_entropy(o: Any, r: float, f: float) -> float:
    """Give -(1 - s) log σ(r) - s log(1 - σ(r)) - log(1 - σ(f)), with 1 - σ(x) = σ(-x)."""
    smoothing: float = o.smoothing
    return -(1.0 - smoothing) * log_sigma(r) - smoothing * log_sigma(-r) - log_sigma(-f)


def least_squares(o: Any, r: float, f: float) -> Losses:
    """Give ½(r - b)² + ½(f - a)² and ½(f - c)², b smoothed."""
    b = (1.0 - o.smoothing) * o.b + o.smoothing * o.a
    return 0.5 * (r - b) ** 2 + 0.5 * (f - o.a) ** 2, 0.5 * (f - o.c) ** 2


def softmax(o: Any, r: float, f: float, count: int = 2) -> Losses:
    """Give both cross-entropies of the softmax for `count` samples a side."""
    log_z = math.log(count * math.exp(r) + count * math.exp(f))
    return log_z - r, log_z - (r + f) / 2.0


G: dict[type[FGAN], Callable[[float], float]] = {
    FGANKullbackLeibler: lambda v: v,
    FGANReverseKullbackLeibler: lambda v: -math.exp(-v),
    FGANPearson: lambda v: v,
    FGANNeyman: lambda v: 1.0 - math.exp(-v),
    FGANHellinger: lambda v: 1.0 - math.exp(-v),
    FGANJensenShannon: lambda v: math.log(2.0) - math.log1p(math.exp(-v)),
    FGANMinimax: lambda v: -math.log1p(math.exp(-v)),
    FGANTotalVariation: lambda v: math.tanh(v) / 2.0,
}
CONJUGATE: dict[type[FGAN], Callable[[float], float]] = {
    FGANKullbackLeibler: lambda t: math.exp(t - 1.0),
    FGANReverseKullbackLeibler: lambda t: -1.0 - math.log(-t),
    FGANPearson: lambda t: t * t / 4.0 + t,
    FGANNeyman: lambda t: 2.0 - 2.0 * math.sqrt(1.0 - t),
    FGANHellinger: lambda t: t / (1.0 - t),
    FGANJensenShannon: lambda t: -math.log(2.0 - math.exp(t)),
    FGANMinimax: lambda t: -math.log(1.0 - math.exp(t)),
    FGANTotalVariation: lambda t: t,
}


def f_gan(o: Any, r: float, f: float) -> Losses:
    """Give E f*(T_f) - E T_r and -E f*(T_f), or -E T_f with the trick, T = g(v)."""
    t_real, t_fake = G[type(o)](r), G[type(o)](f)
    conjugate = CONJUGATE[type(o)](t_fake)
    return conjugate - t_real, -t_fake if o.trick else -conjugate


def hinge(o: Any, r: float, f: float) -> Losses:
    """Give max(0, m - r) + max(0, m + f) and -f."""
    return max(0.0, o.margin - r) + max(0.0, o.margin + f), -f


def average_hinge(o: Any, r: float, f: float) -> Losses:
    """Give the hinges of r - f and f - r, and those with the roles swapped."""
    return 2.0 * max(0.0, 1.0 - (r - f)), 2.0 * max(0.0, 1.0 - (f - r))


CLOSED_FORMS: dict[type[Objective], ClosedForm] = {
    BEGAN: lambda o, r, f: (r, f),  # k = 0 at first
    BoundarySeeking: lambda o, r, f: (cross_entropy(o, r, f), 0.5 * (log_sigma(f) - log_sigma(-f)) ** 2),
    EBGAN: lambda o, r, f: (r + max(0.0, o.margin - f), f),
    Hinge: hinge,
    LeastSquares: least_squares,
    Minimax: lambda o, r, f: (cross_entropy(o, r, f), log_sigma(-f)),
    NonSaturating: lambda o, r, f: (cross_entropy(o, r, f), -log_sigma(f)),
    RelativisticAverageHinge: average_hinge,
    RelativisticAverageLeastSquares: lambda o, r, f: (2.0 * (r - f - 1.0) ** 2, 2.0 * (f - r - 1.0) ** 2),
    RelativisticAverageStandard: lambda o, r, f: (-2.0 * log_sigma(r - f), -2.0 * log_sigma(f - r)),
    RelativisticPairing: lambda o, r, f: (-log_sigma(r - f), -log_sigma(f - r)),
    Softmax: softmax,
    Wasserstein: lambda o, r, f: (f - r, -f),
    **dict.fromkeys(G, f_gan),
}
