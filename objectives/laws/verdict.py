"""What the laws say of one game altogether; a version as shipped elsewhere must break exactly what it is said to."""

from __future__ import annotations

from dataclasses import dataclass

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.base import Objective
from objectives.laws import check, check_shipped
from objectives.laws.result import LawResult


@dataclass(frozen=True)
class Checked:
    """Every law held against one game, and the laws that it is known to break."""

    name: str
    shipped: bool  # an expected failure, counted apart
    breaks: tuple[str, ...]  # laws it is known to break: none but for versions as shipped
    results: tuple[LawResult, ...]

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
        return Checked(name, False, (), tuple(check(objective)))
    return Checked(name, True, shipped.breaks, tuple(check_shipped(name)))


def everything() -> list[str]:
    """Spell all that is to be checked: every objective, every wrapper on `ns`, every version as shipped."""
    return [*OBJECTIVES, *(f"ns+{name}" for name in WRAPPERS), *AS_SHIPPED]
