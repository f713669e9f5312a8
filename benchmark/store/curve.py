"""`curve.jsonl`: the measurements along a run, one point per line; bad lines are skipped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmark.store.disk import read_regular
from benchmark.store.leaves import LARGEST


@dataclass(frozen=True)
class Curve:
    """The points of a curve in the order of iterations, and the number of lines that were not points."""

    points: tuple[dict[str, Any], ...]
    bad_lines: int


def curve_bytes(points: Iterable[tuple[int, Mapping[str, float | int | str | None]]]) -> bytes:
    """Return the content of a curve's file; numbers that are not finite become null."""
    lines = [
        {"iteration": int(iteration)} | {name: _storable(value) for name, value in values.items()}
        for iteration, values in points
    ]
    return "".join(json.dumps(line, allow_nan=False) + "\n" for line in lines).encode()


def read_curve(path: Path, wanted: Sequence[str] = (), every: int = 1) -> Curve:
    """Read a curve, or with `every` > 1 only every n-th point and those that have a wanted value.

    Raises OSError if the file cannot be read. Skipped lines are only checked for looking like points.
    """
    lines = [line.strip() for line in read_regular(path).split(b"\n")]
    if every == 1:
        return parse_curve(lines)
    kept = lines[every - 1 :: every]
    for name in wanted:
        sought = b'"%s"' % name.encode()
        kept += [line for line in lines if sought in line]
    found = parse_curve(dict.fromkeys(kept))
    broken = sum(not (line.startswith(b"{") and line.endswith(b"}")) for line in lines if line)
    return replace(found, bad_lines=max(found.bad_lines, broken))


def parse_curve(lines: Iterable[bytes]) -> Curve:
    """Read the lines of a curve; bad ones are skipped and counted.

    If an iteration occurs twice, as in files joined by hand, the last point counts.
    """
    points: dict[int, dict[str, Any]] = {}
    bad = 0
    for line in lines:
        if not line.strip():
            continue
        point = _point(line)
        if point is None:
            bad += 1
        else:
            points[point["iteration"]] = point
    return Curve(tuple(points[iteration] for iteration in sorted(points)), bad)


def _point(line: bytes) -> dict[str, Any] | None:
    try:
        point = READER.decode(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(point, dict) or type(point.get("iteration")) is not int:
        return None
    beyond = any(type(value) in (float, int) and not abs(value) <= LARGEST for value in point.values())
    return None if beyond else point


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


READER = json.JSONDecoder(parse_constant=_refuse)  # shared: creating one takes longer than reading a line


def _storable(value: float | int | str | None) -> float | int | str | None:
    return None if isinstance(value, float | int) and not abs(value) <= LARGEST else value
