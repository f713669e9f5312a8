"""Try a law: an exception raised by user code is a failure, not a traceback."""

from __future__ import annotations

from collections.abc import Callable

from objectives.foundation.errors import PASSING
from objectives.foundation.loading import on_one_line
from objectives.laws.result import LawResult

Seen = tuple[str, bool | None]  # what was seen, and whether the law holds; None where it does not apply


def attempt(name: str, expected: str, law: Callable[[], Seen]) -> LawResult:
    """Return the result of a law; an exception is a failure that names the exception."""
    try:
        seen, passed = law()
    except PASSING:
        raise
    except BaseException as error:
        return LawResult(name, expected, on_one_line(error), False)
    return LawResult(name, expected, seen, passed)
