"""Whether a generated file agrees with the records."""

from __future__ import annotations

import math
import re
from itertools import zip_longest
from pathlib import Path

from benchmark.errors import UserError
from benchmark.store import read_regular
from objectives.foundation.names import quote

NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
ROUNDING = 1e-9  # relative: what another release of scipy or the sums of another machine may differ by


def staleness(path: Path, expected: str) -> str | None:
    """Return a sentence on how a generated file differs from what would be written now; None if it does not.

    Differences in line endings, which checkouts change, in a number's digits beyond the ninth, and of less than 1e-10
    are ignored: a bound near zero is a difference of larger numbers.
    """
    try:
        found = read_regular(path).decode()
    except FileNotFoundError:
        return f"{quote(path)} does not exist."
    except (OSError, ValueError) as error:  # ValueError: not text
        raise UserError(f"Cannot read {quote(path)}: {getattr(error, 'strerror', error)}.") from error
    pairs = enumerate(zip_longest(found.splitlines(), expected.splitlines()), start=1)
    differing = next(((number, pair) for number, pair in pairs if not _same(*pair)), None)
    if differing is None:
        return None
    line, (old, new) = differing
    return f"{quote(path)} is stale: line {line} is {_line(old)}, and would be {_line(new)}."


def _same(old: str | None, new: str | None) -> bool:
    if old == new:
        return True
    if old is None or new is None or NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    numbers = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=ROUNDING, abs_tol=ROUNDING / 10) for a, b in numbers)


def _line(text: str | None) -> str:
    return "missing" if text is None else quote(text)
