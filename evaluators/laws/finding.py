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
    """Return what a law found that tried so many cases; the first that went wrong is told."""
    if not tried:
        return LawFinding(name, expected, "nothing to try it on", None)
    if wrong:
        return LawFinding(name, expected, f"{len(wrong)} of {tried} cases break it; {wrong[0]}", False)
    return LawFinding(name, expected, f"{tried} cases keep it", True)
