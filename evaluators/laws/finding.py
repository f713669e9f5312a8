"""What a law found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LawFinding:
    """What a law expected of an evaluator and what it saw; `passed` is None where it does not apply."""

    name: str
    expected: str
    seen: str
    passed: bool | None


def finding(name: str, expected: str, tried: int, wrong: Sequence[str]) -> LawFinding:
    """Return the finding of a law after a number of cases; it describes the first failure."""
    if not tried:
        return LawFinding(name, expected, "no applicable case", None)
    if wrong:
        return LawFinding(name, expected, f"{len(wrong)} of {tried} cases fail; {wrong[0]}", False)
    return LawFinding(name, expected, f"{tried} cases pass", True)
