"""`curve.jsonl`: what was measured along a run, one point a line, written by one writer, read with tolerance."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

CURVE = "curve.jsonl"


@dataclass(frozen=True)
class Curve:
    """The points of a curve by iteration, each once and in order, and the number of lines that were not points."""

    points: tuple[dict[str, Any], ...]
    bad_lines: int


class CurveWriter:
    """Appends points to a curve; a run has one writer at a time.

    A killed writer may leave half a line. The next one starts a new line, or its first point would be lost too.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        if self._file.tell() > 0:
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")

    def append(self, iteration: int, values: Mapping[str, float | int | str | None]) -> None:
        """Add one point; a value that is not finite is written as null, for JSON has no NaN."""
        point = {"iteration": int(iteration)} | {name: _storable(value) for name, value in values.items()}
        self._file.write(json.dumps(point, allow_nan=False).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Bring what was appended to the disk and close the file."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def __enter__(self) -> CurveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_curve(path: Path) -> Curve:
    """Read a curve; a missing file is an empty curve."""
    try:
        return parse_curve(path.read_bytes().split(b"\n"))
    except FileNotFoundError:
        return Curve((), 0)


def parse_curve(lines: Iterable[bytes]) -> Curve:
    """Read the lines of a curve; a bad one is skipped and counted.

    A resumed run repeats the iterations between its checkpoint and its death: of several points the last counts.
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
        point = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(point, dict) or type(point.get("iteration")) is not int:
        return None
    return point


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _storable(value: float | int | str | None) -> float | int | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
