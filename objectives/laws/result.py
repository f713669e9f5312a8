"""What a law reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LawResult:
    """One law on one objective: what it expects, what was seen, and whether it holds; None where it does not apply."""

    name: str
    expected: str
    seen: str
    passed: bool | None


def absent(name: str, expected: str, why: str) -> LawResult:
    """Report that a law does not apply to this objective."""
    return LawResult(name, expected, why, None)
