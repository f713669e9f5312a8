"""An index of a results directory's records, in the user's cache: it reads 100,000 records in seconds.

It stores the records as columns, and the name, size and modification time of each file, which show whether a record
has changed. It can be deleted at any time. It is in the cache rather than with the records because those may come from
untrusted sources, and indexed records are not checked again.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from benchmark.errors import StoreError
from benchmark.store.blocks import blocks_of, records_of
from benchmark.store.disk import read_regular, write_atomically
from benchmark.store.paths import RECORD
from benchmark.store.record import Record

FORMAT = 1
WORTH_WRITING = 1_000  # records read from their files; fewer are read fast enough
UNUSED = 90 * 86_400  # seconds after which an unread index is deleted

Stamp = tuple[str, int, int]  # of a run: its name, and its record's time of change in nanoseconds and size in bytes


@dataclass
class Index:
    """The indexed rows: the stamps of each row's runs and its blocks, as text."""

    path: Path
    rows: dict[str, bytes] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)  # the rows that exist
    missed: int = 0  # records that had to be read from their files

    @classmethod
    def of(cls, root: Path, cache: Path) -> Index:
        """Read the index of a results directory; it is empty if absent, damaged or of another version."""
        name = sha256(os.fsencode(Path.cwd() / root)).hexdigest()[:16]
        found = cls(cache / "index" / f"{name}.jsonl")
        with suppress(OSError, ValueError):
            head, *lines = read_regular(found.path).splitlines()
            if json.loads(head) == {"format": FORMAT}:
                found.rows = dict(_checked(line) for line in lines)
        return found

    def records(self, place: str, stamps: Sequence[Stamp]) -> list[Record] | None:
        """Return the records of a row in the order of their stamps; None if a file has changed."""
        line = self.rows.get(place)
        if line is None:
            return None
        held, blocks = json.loads(line)
        if held != [list(stamp) for stamp in stamps]:
            return None
        self.present.add(place)
        return records_of(blocks)

    def keep(self, place: str, stamps: Sequence[Stamp], records: Sequence[Record]) -> list[Record]:
        """Index the records of a row, and return them with shared values stored once."""
        if not records:
            return []
        blocks = blocks_of(records)
        self.rows[place] = json.dumps([stamps, blocks], separators=(",", ":")).encode()
        self.present.add(place)
        self.missed += len(records)
        return records_of(blocks)

    def write(self) -> None:
        """Write the index without deleted rows, if enough records were read; failure to write is ignored."""
        if self.missed < WORTH_WRITING:
            return
        lines = [json.dumps({"format": FORMAT}).encode()]
        lines += [_sealed(place, self.rows[place]) for place in sorted(self.present)]
        with suppress(StoreError):
            write_atomically(self.path, b"\n".join(lines) + b"\n")
        for path in self.path.parent.glob("*.jsonl"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > UNUSED:
                    path.unlink()


def stamps_of(row: Path, names: Sequence[str]) -> list[Stamp]:
    """Return the stamps of those runs of a row that have a record."""
    stamps = []
    for name in names:
        with suppress(OSError):
            status = os.stat(f"{row}{os.sep}{name}{os.sep}{RECORD}")  # noqa: PTH116  100,000 Paths take a second
            stamps.append((name, status.st_mtime_ns, status.st_size))
    return stamps


def _sealed(place: str, line: bytes) -> bytes:
    content = json.dumps(place).encode() + b"\t" + line
    return b"%08x\t%s" % (zlib.crc32(content), content)


def _checked(line: bytes) -> tuple[str, bytes]:
    """Return a row's place and its text; raises ValueError for a damaged line."""
    digest, _, content = line.partition(b"\t")
    if int(digest, 16) != zlib.crc32(content):
        raise ValueError("a damaged line")
    place, _, row = content.partition(b"\t")
    return json.loads(place), row
