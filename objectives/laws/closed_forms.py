"""The losses implemented again, from the papers' formulas in plain Python floats, for a few scores per side.

Real samples have the scores r and fake samples the scores f, all different, so that a mean before a nonlinearity is
detected. Written with the papers' probabilities and T = g(v), f*(T), not with the simplified forms of the objectives.
Games on an embedding are in `kernel_forms`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from objectives.alpha import AlphaGAN
from objectives.base import Objective
from objectives.classic import BoundarySeeking, FeatureMatching, Minimax, NonSaturating, Softmax
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
from objectives.drifting import Drifting
from objectives.energy import BEGAN, EBGAN
from objectives.kernel import MMD, Cramer, FixedMMD
from objectives.laws.kernel_forms import cramer, drifting, fixed_mmd, mmd
from objectives.margin import Hinge, KLWasserstein, LeastKth, LeastSquares
from objectives.relativistic import (
    RelativisticAverageHinge,
    RelativisticAverageLeastSquares,
    RelativisticAverageStandard,
    RelativisticPairing,
)
from objectives.transport import SlicedWasserstein
from objectives.wasserstein import Fisher, Wasserstein

Scores: TypeAlias = Sequence[float]
Losses: TypeAlias = tuple[float, float]  # the critic's and the generator's
ClosedForm: TypeAlias = Callable[[Any, Scores, Scores], Losses]
STATES: dict[type[Objective], dict[str, float]] = {  # the state at which the losses are compared
    BEGAN: {"k": 0.4},
    Fisher: {"lambda": 0.3},
}


def mean(values: Iterable[float]) -> float:
    """Return the mean of some numbers."""
    listed = list(values)
    return sum(listed) / len(listed)


def log_sigma(score: float) -> float:
    """Return log σ(score) = -log(1 + exp(-score))."""
    return -math.log1p(math.exp(-score))


def cross_entropy(o: Any, r: Scores, f: Scores) -> float:
    """Return -(1 - s) E log σ(r) - s E log(1 - σ(r)) - E log(1 - σ(f)), with 1 - σ(x) = σ(-x)."""
    smoothed = mean((1.0 - o.smoothing) * log_sigma(x) + o.smoothing * log_sigma(-x) for x in r)
    return -smoothed - mean(log_sigma(-y) for y in f)


def least_squares(o: Any, r: Scores, f: Scores) -> Losses:
    """Return ½ E (r - b)² + ½ E (f - a)² and ½ E (f - c)², b smoothed."""
    b = (1.0 - o.smoothing) * o.b + o.smoothing * o.a
    of_critic = 0.5 * mean((x - b) ** 2 for x in r) + 0.5 * mean((y - o.a) ** 2 for y in f)
    return of_critic, 0.5 * mean((y - o.c) ** 2 for y in f)


def softmax(o: Any, r: Scores, f: Scores) -> Losses:
    """Return both cross-entropies of the softmax over all scores."""
    log_z = math.log(sum(math.exp(score) for score in (*r, *f)))
    return log_z - mean(r), log_z - mean((*r, *f))


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


def f_gan(o: Any, r: Scores, f: Scores) -> Losses:
    """Return E f*(T_f) - E T_r and -E f*(T_f), or -E T_f with the trick, T = g(v)."""
    t_real, t_fake = ([G[type(o)](score) for score in side] for side in (r, f))
    conjugate = mean(CONJUGATE[type(o)](t) for t in t_fake)
    return conjugate - mean(t_real), -mean(t_fake) if o.trick else -conjugate


def hinge(o: Any, r: Scores, f: Scores) -> Losses:
    """Return E max(0, m - r) + E max(0, m + f) and -E f."""
    return mean(max(0.0, o.margin - x) for x in r) + mean(max(0.0, o.margin + y) for y in f), -mean(f)


def pairing(o: Any, r: Scores, f: Scores) -> Losses:
    """Return -E log σ(r - f) and -E log σ(f - r), row by row."""
    gaps = [x - y for x, y in zip(r, f, strict=True)]
    return -mean(log_sigma(gap) for gap in gaps), -mean(log_sigma(-gap) for gap in gaps)


def average(phi: Callable[[float], float]) -> ClosedForm:
    """Return E φ(r - E f) + E φ(-(f - E r)), and the same with the roles swapped."""

    def losses(o: Any, r: Scores, f: Scores) -> Losses:
        of_critic = mean(phi(x - mean(f)) for x in r) + mean(phi(mean(r) - y) for y in f)
        return of_critic, mean(phi(y - mean(r)) for y in f) + mean(phi(mean(f) - x) for x in r)

    return losses


def alpha(o: Any, r: Scores, f: Scores) -> Losses:
    """Return the α-losses of the probabilities σ(r), 1 - σ(f) and σ(f), by the paper's powers."""

    def loss(p: float, order: float) -> float:
        return -math.log(p) if order == 1.0 else order / (order - 1.0) * (1.0 - p ** ((order - 1.0) / order))

    def sigma(score: float) -> float:
        return math.exp(log_sigma(score))

    of_critic = mean(loss(sigma(x), o.critic_alpha) for x in r) + mean(loss(sigma(-y), o.critic_alpha) for y in f)
    if o.saturating:
        return of_critic, -mean(loss(sigma(-y), o.generator_alpha) for y in f)
    return of_critic, mean(loss(sigma(y), o.generator_alpha) for y in f)


def fisher(o: Any, r: Scores, f: Scores) -> Losses:
    """Return -(E r - E f) - λ Ω + ρ/2 Ω² and -E f, Ω = 1 - ½ E r² - ½ E f²."""
    omega = 1.0 - 0.5 * mean(x * x for x in r) - 0.5 * mean(y * y for y in f)
    gap = mean(r) - mean(f)
    return -gap - STATES[Fisher]["lambda"] * omega + 0.5 * o.rho * omega * omega, -mean(f)


def kl_wasserstein(o: Any, r: Scores, f: Scores) -> Losses:
    """Return E max(0, 1 - r) + E max(0, 1 + w f) and -E w f, w = exp f / E exp f."""
    level = mean(math.exp(y - max(f)) for y in f)
    weighted = [math.exp(y - max(f)) / level * y for y in f]
    of_critic = mean(max(0.0, 1.0 - x) for x in r) + mean(max(0.0, 1.0 + y) for y in weighted)
    return of_critic, -mean(weighted)


def sliced(o: Any, r: Scores, f: Scores) -> Losses:
    """Return the cross-entropy and, on a line, the mean squared gap between the two orders."""
    return cross_entropy(o, r, f), mean((x - y) ** 2 for x, y in zip(sorted(r), sorted(f), strict=True))


CLOSED_FORMS: dict[type[Objective], ClosedForm] = {
    AlphaGAN: alpha,
    BEGAN: lambda o, r, f: (mean(r) - STATES[BEGAN]["k"] * mean(f), mean(f)),
    BoundarySeeking: lambda o, r, f: (
        cross_entropy(o, r, f),
        0.5 * mean((log_sigma(y) - log_sigma(-y)) ** 2 for y in f),
    ),
    Cramer: cramer,
    Drifting: drifting,
    EBGAN: lambda o, r, f: (mean(r) + mean(max(0.0, o.margin - y) for y in f), mean(f)),
    FeatureMatching: lambda o, r, f: (cross_entropy(o, r, f), (mean(r) - mean(f)) ** 2),
    Fisher: fisher,
    FixedMMD: fixed_mmd,
    Hinge: hinge,
    KLWasserstein: kl_wasserstein,
    LeastKth: lambda o, r, f: (least_squares(o, r, f)[0], mean(abs(y - o.c) ** o.k for y in f)),
    LeastSquares: least_squares,
    MMD: mmd,
    Minimax: lambda o, r, f: (cross_entropy(o, r, f), mean(log_sigma(-y) for y in f)),
    NonSaturating: lambda o, r, f: (cross_entropy(o, r, f), -mean(log_sigma(y) for y in f)),
    RelativisticAverageHinge: average(lambda gap: max(0.0, 1.0 - gap)),
    RelativisticAverageLeastSquares: average(lambda gap: (gap - 1.0) ** 2),
    RelativisticAverageStandard: average(lambda gap: -log_sigma(gap)),
    RelativisticPairing: pairing,
    SlicedWasserstein: sliced,
    Softmax: softmax,
    Wasserstein: lambda o, r, f: (mean(f) - mean(r), -mean(f)),
    **dict.fromkeys(G, f_gan),
}
