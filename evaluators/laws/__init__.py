"""The laws that `gan-bench check` tests on an evaluator, ours or a user's.

Each law reports what it expected, what it saw, and whether it holds; None means that it does not apply. They are tested
on two small truths with complete knowledge: eight Gaussians in the unit square, with modes, density, sampler, features
and classes, and images of three channels in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable

from evaluators.laws.finding import LawFinding
from evaluators.laws.inputs import arrays, few, form, garbage
from evaluators.laws.numbers import direction, dropped, itself, perfect, scale, unbiased
from evaluators.laws.purity import mutation, order, repeat
from evaluators.truth import Evaluator

LAWS: dict[str, Callable[[Evaluator], LawFinding]] = {
    "form": form,
    "few": few,
    "garbage": garbage,
    "arrays": arrays,
    "order": order,
    "repeat": repeat,
    "mutation": mutation,
    "direction": direction,
    "itself": itself,
    "perfect": perfect,
    "scale": scale,
    "unbiased": unbiased,
    "dropped": dropped,
}

__all__ = ["LAWS", "LawFinding", "check"]


def check(evaluator: Evaluator) -> list[LawFinding]:
    """Test an evaluator against every law."""
    return [_held(name, law, evaluator) for name, law in LAWS.items()]


def _held(name: str, law: Callable[[Evaluator], LawFinding], evaluator: Evaluator) -> LawFinding:
    try:
        return law(evaluator)
    except Exception as error:  # a user's evaluator may raise anything, and that is a finding
        message = " ".join(str(error).split())[:160]
        return LawFinding(name, "no exception", f"{type(error).__name__}: {message}", False)
