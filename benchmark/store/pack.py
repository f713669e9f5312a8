"""Published records: many in one file, `records.jsonl`, a record a line; read along with the directories of runs."""

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
    """Return each line of a directory's pack with its place; nothing where there is none. Raises OSError."""
    path = Path(root) / PACK
    try:
        content = read_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield f"line {number}", line
