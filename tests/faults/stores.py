"""What lies in a results directory, as the tests of faults look at it."""

from __future__ import annotations

import json
from pathlib import Path

from benchmark.store import RECORD, read_all, read_curve
from benchmark.store.disk import TEMPORARY

ONE = ("run", "-p", "ring", "--seeds", "2", "--iterations", "20")
RUN = (*ONE, "-o", "ns")


def record_files(root: Path) -> dict[Path, bytes]:
    """Return the bytes of every record."""
    return {path: path.read_bytes() for path in root.rglob(RECORD) if path.is_file()}


def numbers(root: Path) -> dict[str, object]:
    """Return all that was measured of every run, by key: its end, scores and curve; nothing there may be unreadable."""
    records, bad = read_all(root)
    assert not bad
    curves = {path.parent.name.rpartition("-")[2]: read_curve(path) for path in root.rglob("curve.jsonl")}
    assert not any(curve.bad_lines for curve in curves.values())
    found = {}
    for record in records:
        points = curves[record.key].points if record.kind == "objective" else ()
        found[record.key] = (record.row, record.seed, record.end, dict(record.scores), points)
    return found


def is_whole(root: Path) -> bool:
    """Return whether nothing half-written lies below a directory: no temporary, and every file of JSON can be read."""
    if any(TEMPORARY.fullmatch(path.name) for path in root.rglob("*")):
        return False
    for path in root.rglob("*.json"):
        json.loads(path.read_bytes())
    return all(read_curve(path).bad_lines == 0 for path in root.rglob("curve.jsonl"))
