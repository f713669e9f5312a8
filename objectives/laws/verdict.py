"""What the laws say of one game altogether; a version as shipped elsewhere must break exactly what it is said to."""

from __future__ import annotations

from dataclasses import dataclass

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS, example_of
from objectives.base import Objective
from objectives.compose import Part, Wrapper, parts
from objectives.identity import part_name
from objectives.laws import check, check_shipped
from objectives.laws.closed_forms import CLOSED_FORMS
from objectives.laws.penalty_forms import has_form
from objectives.laws.result import LawResult
from objectives.laws.wrapped import WRAPPED
from objectives.slicing import Sliced
from objectives.transport import OptimalTransport


@dataclass(frozen=True)
class Checked:
    """Every law held against one game, and the laws that it is known to break."""

    name: str
    shipped: bool  # an expected failure, counted apart
    breaks: tuple[str, ...]  # laws it is known to break: none but for versions as shipped
    results: tuple[LawResult, ...]
    without_formula: tuple[str, ...] = ()  # parts of the game that no law compares with a formula

    @property
    def failed(self) -> tuple[str, ...]:
        """Name the laws that fail."""
        return tuple(result.name for result in self.results if result.passed is False)

    @property
    def held(self) -> int:
        """Count the laws that apply and hold."""
        return sum(result.passed is True for result in self.results)

    @property
    def as_expected(self) -> bool:
        """Whether exactly the laws fail that are known to."""
        return set(self.failed) == set(self.breaks)


def checked(name: str, objective: Objective) -> Checked:
    """Hold every law against the game that a spelling names.

    A version as shipped is judged by the game whose name it bears; with settings or wrappers of the user's own it is
    a game like any other, of which nothing is known.
    """
    shipped = AS_SHIPPED.get(name)
    if shipped is None:
        return Checked(name, False, (), tuple(check(objective)), without_formula(objective))
    return Checked(name, True, shipped.breaks, tuple(check_shipped(name)))


def without_formula(objective: Objective) -> tuple[str, ...]:
    """Name the parts of a game of which no formula is known here: the laws show that they work, not what they are."""
    known = [*CLOSED_FORMS, *WRAPPED, OptimalTransport, Sliced]
    unknown = [part for part in parts(objective) if type(part) not in known and not has_form(part)]
    unknown = [part for part in unknown if not _changes_no_loss(part)]
    return tuple(part_name(part) for part in unknown)


def _changes_no_loss(part: Part) -> bool:
    """Return whether a wrapper changes the networks alone, so that there is nothing for a formula to say."""
    losses = ("critic_loss", "generator_loss")
    return isinstance(part, Wrapper) and all(getattr(type(part), name) is getattr(Wrapper, name) for name in losses)


def everything() -> list[str]:
    """Spell all that is to be checked: every objective, every wrapper on a plain one, every version as shipped."""
    return [*OBJECTIVES, *map(example_of, WRAPPERS), *AS_SHIPPED]
