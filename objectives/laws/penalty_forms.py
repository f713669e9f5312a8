"""The penalties, their states and the constraint, implemented again from the papers in plain Python floats.

`r` and `f` are the scores of real and fake samples. The law's game draws ½ for every uniform number and 1 for every
normal one, and a sample has one coordinate, which is both its score and its only feature.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from objectives.base import Objective
from objectives.compose import Penalty
from objectives.conditional import AuxiliaryClassifier
from objectives.energy import BEGAN
from objectives.laws.closed_forms import STATES, Scores, mean
from objectives.penalties import R1, R2, NearData, OneCentred, OneSided, WassersteinDivergence, ZeroCentred
from objectives.stabilisers import (
    Consistency,
    HistoricalAveraging,
    LatentConsistency,
    LeCam,
    MatchFeatures,
    PullingAway,
)
from objectives.wasserstein import Clip, Fisher

State: TypeAlias = Mapping[str, float]
Points: TypeAlias = tuple[Sequence[float], ...]  # one batch for each expectation


class Slopes(NamedTuple):
    """The two halves of a gradient penalty: what a slope costs, and at which points it is taken."""

    cost: Callable[[Any, float], float]
    points: Callable[[Any, Scores, Scores], Points]


def lines(o: Any, r: Scores, f: Scores) -> Points:
    """Return the middle of the line from each real sample to its fake one."""
    return ([0.5 * x + 0.5 * y for x, y in zip(r, f, strict=True)],)


def near_data(o: Any, r: Scores, f: Scores) -> Points:
    """Return x + α s std(x) u with α = u = ½."""
    return ([x + 0.5 * o.spread * statistics.stdev(r) * 0.5 for x in r],)


SLOPES: dict[type[Penalty], Slopes] = {
    NearData: Slopes(lambda o, slope: o.weight * (slope - o.target) ** 2, near_data),
    OneCentred: Slopes(lambda o, slope: o.weight * (slope - o.target) ** 2, lines),
    OneSided: Slopes(lambda o, slope: o.weight * max(0.0, slope - 1.0) ** 2, lines),
    R1: Slopes(lambda o, slope: 0.5 * o.gamma * slope**2, lambda o, r, f: (r,)),
    R2: Slopes(lambda o, slope: 0.5 * o.gamma * slope**2, lambda o, r, f: (f,)),
    WassersteinDivergence: Slopes(lambda o, slope: 0.5 * o.weight * slope**o.power, lambda o, r, f: (r, f)),
    ZeroCentred: Slopes(lambda o, slope: o.weight * slope**2, lines),
}

MOMENT: State = {  # at which added terms and states are compared; 0.19 = 1 - 0.9², two updates
    **STATES[BEGAN],
    **STATES[Fisher],
    "lecam_real": 0.3,
    "lecam_fake": -0.7,
    "lecam_seen": 0.19,
    "history_critic": 0.6,
    "history_generator": -1.1,
    "history_count": 2.0,
}
CLASSED = (-0.5113, 0.8017, -3.1)  # the noise, equal to the fake samples, from which labels follow
THETA = {"critic": 1.7, "generator": 0.9}  # the parameters there, one per player


def lecam(o: Any, r: Scores, f: Scores) -> tuple[float, float]:
    """Return λ (E (r - α_F)² + E (f - α_R)²) and 0."""
    of_real, of_fake = (MOMENT[side] / MOMENT["lecam_seen"] for side in ("lecam_real", "lecam_fake"))
    return o.weight * (mean((x - of_fake) ** 2 for x in r) + mean((y - of_real) ** 2 for y in f)), 0.0


def consistency(o: Any, r: Scores, f: Scores) -> tuple[float, float]:
    """Return λ (s std(r))², on the fakes too if balanced, and 0: T moves every sample by s standard deviations."""
    sides = (r, f) if o.balanced else (r,)
    return o.weight * sum((o.std * statistics.stdev(side)) ** 2 for side in sides), 0.0


def class_error(o: Any, scores: Scores) -> float:
    """Return E CE of the logits (s, 0, -s), where the class of a sample is that of its noise: the fakes' own score."""
    errors = []
    for score, noise in zip(scores, CLASSED, strict=True):
        logits = (score, 0.0, -score)
        label = 0 if noise < -0.5 else 2 if noise >= 0.5 else 1
        errors.append(math.log(sum(math.exp(value) for value in logits)) - logits[label])
    return mean(errors)


ADDED: dict[type[Penalty], Callable[[Any, Scores, Scores], tuple[float, float]]] = {  # the critic's and the generator's
    AuxiliaryClassifier: lambda o, r, f: (
        o.weight * (class_error(o, r) + class_error(o, f)),
        o.weight * class_error(o, f),
    ),
    Consistency: consistency,
    HistoricalAveraging: lambda o, r, f: (
        o.weight * (THETA["critic"] - MOMENT["history_critic"]) ** 2,
        o.weight * (THETA["generator"] - MOMENT["history_generator"]) ** 2,
    ),
    LatentConsistency: lambda o, r, f: (o.weight * o.std**2, -o.generator_weight * o.std**2),  # D and G: identities
    LeCam: lecam,
    MatchFeatures: lambda o, r, f: (0.0, o.weight * (mean(r) - mean(f)) ** 2),
    PullingAway: lambda o, r, f: (0.0, o.weight),  # codes of one coordinate are parallel or opposite
}


def moved(o: Any, old: float, now: float) -> float:
    """Return a moving average after a new value."""
    after: float = o.decay * old + (1.0 - o.decay) * now
    return after


NEXT: dict[type[Objective | Penalty], Callable[[Any, Scores, Scores], State]] = {  # the state after an update
    BEGAN: lambda o, r, f: {"k": min(1.0, max(0.0, MOMENT["k"] + o.rate * (o.gamma * mean(r) - mean(f))))},
    HistoricalAveraging: lambda o, r, f: {
        "history_critic": (2.0 * MOMENT["history_critic"] + THETA["critic"]) / 3.0,
        "history_generator": (2.0 * MOMENT["history_generator"] + THETA["generator"]) / 3.0,
        "history_count": 3.0,
    },
    Fisher: lambda o, r, f: {
        "lambda": MOMENT["lambda"] - o.rho * (1.0 - 0.5 * mean(x * x for x in r) - 0.5 * mean(y * y for y in f))
    },
    LeCam: lambda o, r, f: {
        "lecam_real": moved(o, MOMENT["lecam_real"], mean(r)),
        "lecam_fake": moved(o, MOMENT["lecam_fake"], mean(f)),
        "lecam_seen": moved(o, MOMENT["lecam_seen"], 1.0),
    },
}

CONSTRAINTS: dict[type[Objective | Penalty], Callable[[Any, float], float]] = {  # of one parameter
    Clip: lambda o, theta: max(-o.bound, min(o.bound, theta)),
}


def has_form(part: Objective | Penalty) -> bool:
    """Return whether there is a formula for a penalty here."""
    return any(type(part) in forms for forms in (SLOPES, ADDED, CONSTRAINTS))
