"""Whether a generated file still says what the records say."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from benchmark.errors import UserError
from objectives.foundation.names import quote


def staleness(path: Path, expected: str) -> str | None:
    """Say in one sentence how a generated file differs from what would be written now; None if it does not.

    Line endings do not count, as checkouts change them.
    """
    try:
        found = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"{quote(path)} does not exist."
    except (OSError, ValueError) as error:  # ValueError: not text
        raise UserError(f"Cannot read {quote(path)}: {error}.") from error
    if found.splitlines() == expected.splitlines():
        return None
    pairs = enumerate(zip_longest(found.splitlines(), expected.splitlines()), start=1)
    line, (old, new) = next((number, pair) for number, pair in pairs if pair[0] != pair[1])
    return f"{quote(path)} is stale: line {line} is {_line(old)}, and would be {_line(new)}."


def _line(text: str | None) -> str:
    return "missing" if text is None else quote(text)
