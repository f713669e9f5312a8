"""The laws that `gan-bench check` tests on any objective, ours or a user's.

Each law is a function of the objective that reports what it expected, what it saw, and whether it holds; None means
that it does not apply. A law that raises has failed.
"""

from __future__ import annotations

from collections.abc import Callable

from objectives import AS_SHIPPED
from objectives.base import Objective
from objectives.laws.features import slices, transports
from objectives.laws.gradients import differentiable, reaches, unrolled, vmapped
from objectives.laws.names import identity
from objectives.laws.result import LawResult
from objectives.laws.terms import added, pulling_away, slope
from objectives.laws.truths import closed_form, constraint, optimum, state
from objectives.laws.values import bounded, finite, opposed, order, progress, scalar, shift
from objectives.laws.wrapped import wraps
from objectives.spec import parse

LAWS: dict[str, Callable[[Objective], LawResult]] = {
    "scalar": scalar,
    "finite": finite,
    "opposed": opposed,
    "order": order,
    "shift": shift,
    "differentiable": differentiable,
    "reaches": reaches,
    "unrolled": unrolled,
    "vmap": vmapped,
    "progress": progress,
    "bounded": bounded,
    "constraint": constraint,
    "state": state,
    "slope": slope,
    "pulling away": pulling_away,
    "added term": added,
    "wrapped": wraps,
    "slicing": slices,
    "transport": transports,
    "closed form": closed_form,
    "optimum": optimum,
    "identity": identity,
}

__all__ = ["LAWS", "LawResult", "check", "check_shipped"]


def check(objective: Objective) -> list[LawResult]:
    """Test an objective against every law."""
    return [_held(name, law, objective) for name, law in LAWS.items()]


def check_shipped(name: str) -> list[LawResult]:
    """Test a version as shipped elsewhere against every law, with the formula of the game it claims to be."""
    shipped = AS_SHIPPED[name]
    objective, claimed = shipped(), parse(shipped.instead_of)
    by_claim: dict[str, Callable[[Objective], LawResult]] = {
        "closed form": lambda game: closed_form(game, claimed),
        "optimum": lambda game: optimum(game, claimed),
    }
    return [_held(law, by_claim.get(law, LAWS[law]), objective) for law in LAWS]


def _held(name: str, law: Callable[[Objective], LawResult], objective: Objective) -> LawResult:
    try:
        return law(objective)
    except Exception as error:  # a user's objective may raise anything, and that is a finding
        message = " ".join(str(error).split())[:160]
        return LawResult(name, "no exception", f"{type(error).__name__}: {message}", False)
