"""A law that is tried: what code from outside raises is its failure, and no traceback."""

from __future__ import annotations

from collections.abc import Callable

from objectives.foundation.errors import PASSING
from objectives.foundation.loading import on_one_line
from objectives.laws.result import LawResult

Seen = tuple[str, bool | None]  # what was seen, and whether the law holds; None where it does not apply


def attempt(name: str, expected: str, law: Callable[[], Seen]) -> LawResult:
    """Return the result of a law; an exception is a failure that says what was raised."""
    try:
        seen, passed = law()
    except PASSING:
        raise
    except BaseException as error:
        return LawResult(name, expected, on_one_line(error), False)
    return LawResult(name, expected, seen, passed)
