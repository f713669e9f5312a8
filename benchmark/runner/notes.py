"""A checkpoint's data other than tensors, fully checked before a group resumes from it."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import Any

Points = list[tuple[int, dict[str, list[float]]]]


def points_of(noted: Any, members: int, iteration: int) -> Points:
    """Return the points of a curve up to an iteration; raises ValueError unless each has a number per member."""
    if not isinstance(noted, list) or not all(_is_point(point, members) for point in noted):
        raise ValueError(f"its curve does not have {members} numbers per point")
    iterations = [at for at, _ in noted]
    rising = all(before < after for before, after in pairwise(iterations))
    if not iterations or iterations[0] != 0 or iterations[-1] > iteration or not rising:
        raise ValueError(f"the points of its curve do not increase from 0 to at most iteration {iteration}")
    return [(at, dict(values)) for at, values in noted]


def seconds_of(noted: Any) -> float:
    """Return the seconds spent so far; raises ValueError unless they are a finite number, not negative."""
    if type(noted) is not float or not isfinite(noted) or noted < 0.0:
        raise ValueError("its seconds are not a duration")
    return noted


def _is_point(point: Any, members: int) -> bool:
    return (
        isinstance(point, list | tuple)
        and len(point) == 2
        and type(point[0]) is int
        and isinstance(point[1], dict)
        and all(_is_row(name, row, members) for name, row in point[1].items())
    )


def _is_row(name: Any, row: Any, members: int) -> bool:
    return type(name) is str and type(row) is list and len(row) == members and all(type(one) is float for one in row)
