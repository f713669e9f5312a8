"""The outcome of all laws for one game; a version as shipped elsewhere must break exactly the laws it declares."""

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
    """The result of every law for one game, and the laws it is known to break."""

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
        """Whether exactly the laws that are known to fail do."""
        return set(self.failed) == set(self.breaks)


def checked(name: str, objective: Objective) -> Checked:
    """Test the game that a spelling names against every law.

    A version as shipped is compared with the game it claims to be; with the user's own settings or wrappers it is a
    game like any other, with no known failures.
    """
    shipped = AS_SHIPPED.get(name)
    if shipped is None:
        return Checked(name, False, (), tuple(check(objective)), without_formula(objective))
    return Checked(name, True, shipped.breaks, tuple(check_shipped(name)))


def without_formula(objective: Objective) -> tuple[str, ...]:
    """Name the parts of a game without a formula here: the laws show that they train, not that they are correct."""
    known = [*CLOSED_FORMS, *WRAPPED, OptimalTransport, Sliced]
    unknown = [part for part in parts(objective) if type(part) not in known and not has_form(part)]
    unknown = [part for part in unknown if not _changes_no_loss(part)]
    return tuple(part_name(part) for part in unknown)


def _changes_no_loss(part: Part) -> bool:
    """Return whether a wrapper changes only the networks, so that it needs no formula."""
    losses = ("critic_loss", "generator_loss")
    return isinstance(part, Wrapper) and all(getattr(type(part), name) is getattr(Wrapper, name) for name in losses)


def everything() -> list[str]:
    """Spell everything there is to check: every objective, every wrapper on a simple one, every version as shipped."""
    return [*OBJECTIVES, *map(example_of, WRAPPERS), *AS_SHIPPED]
