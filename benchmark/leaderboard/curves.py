"""Training curves of two rows, side by side."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmark.leaderboard.text import number, readable
from benchmark.store import Curve


@dataclass(frozen=True)
class CurvePoint:
    """The runs of a row at one iteration: the median and the range of those with a value."""

    iteration: int
    n: int
    middle: float
    low: float
    high: float


def median_curve(curves: Sequence[Curve], name: str) -> list[CurvePoint]:
    """Return the median and range over runs of one measured value, at every iteration where any run has it."""
    values: dict[int, list[float]] = defaultdict(list)
    for curve in curves:
        for point in curve.points:
            value = point.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                values[point["iteration"]].append(float(value))
    return [CurvePoint(at, len(x), median(x), min(x), max(x)) for at, x in sorted(values.items())]


def side_by_side(curves: Mapping[str, Sequence[Curve]], name: str, lines: int = 12) -> str:
    """Write the median curves of rows as columns over a few iterations that all of them share."""
    by_row = {row: {point.iteration: point for point in median_curve(own, name)} for row, own in curves.items()}
    shared = sorted(set.intersection(*(set(points) for points in by_row.values()))) if by_row else []
    if not shared:
        return f"{readable(name)}: no iteration at which all of {', '.join(map(readable, curves))} were measured.\n"
    constant = {(point.low, point.high) for points in by_row.values() for point in points.values()}
    if len(constant) == 1 and len(set(next(iter(constant)))) == 1:
        return f"{readable(name)}: {number(next(iter(constant))[0])} in every run at every iteration.\n"
    step = max(1, len(shared) - 1) / max(1, min(lines, len(shared)) - 1)
    kept = sorted({shared[min(len(shared) - 1, round(at * step))] for at in range(min(lines, len(shared)))})
    written = [["iteration", *map(readable, by_row)]]
    written += [[str(at), *(_text(points[at]) for points in by_row.values())] for at in kept]
    widths = [max(map(len, column)) for column in zip(*written, strict=True)]
    body = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in written]
    return "\n".join([f"{readable(name)}: median [range] over runs", *body]) + "\n"


def _text(point: CurvePoint) -> str:
    return f"{number(point.middle)} [{number(point.low)}, {number(point.high)}]"
