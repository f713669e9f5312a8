"""Published records: one file, `records.jsonl`, with a record per line; read together with the runs' directories."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmark.store.disk import read_regular
from benchmark.store.record import Record

PACK = "records.jsonl"


def packed(records: Iterable[Record]) -> bytes:
    """Write records as lines of compact JSON, in the order of problem, row, seed and key; floats keep every bit."""
    ordered = sorted(records, key=lambda record: record.order)
    lines = (json.dumps(record.plain(), allow_nan=False, separators=(",", ":")) for record in ordered)
    return "".join(f"{line}\n" for line in lines).encode()


def packed_lines(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each line of a directory's pack with its place, or nothing if there is no pack. Raises OSError."""
    path = Path(root) / PACK
    try:
        content = read_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield f"line {number}", line
