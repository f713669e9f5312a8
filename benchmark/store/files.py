"""Read records from disk, and list every file that is not one."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import StoreError
from benchmark.store.disk import read_regular
from benchmark.store.index import Index, stamps_of
from benchmark.store.pack import PACK, packed_lines
from benchmark.store.paths import KEY, RECORD
from benchmark.store.record import Record, parse_record
from objectives.foundation.names import quote


@dataclass(frozen=True)
class Unreadable:
    """A file of the store that is not a record this version can read, and why."""

    path: Path
    reason: str
    junk: bool = False  # no version and no user can read it


def read_record(path: Path) -> Record | Unreadable:
    """Read one record, or return why it is not one."""
    return found_at(path) or Unreadable(path, "no such file")


def found_at(path: Path) -> Record | Unreadable | None:
    """Return the record at a path, or why the file there is not one; None if there is no file."""
    try:
        content = read_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Unreadable(path, error.strerror or str(error))
    if not content.strip():
        return Unreadable(path, "empty", junk=True)
    try:
        return parse_record(content)
    except ValueError as error:
        return Unreadable(path, str(error), junk=not str(error).startswith("schema "))


def read_all(root: Path, cache: Path | None = None) -> tuple[list[Record], list[Unreadable]]:
    """Read every record under `root`, in the order of problem, row, seed and key, and list every file that is not one.

    A run's directory without a record is unfinished, not bad. A run in the directory's pack of published records may
    also have a directory. Nothing below `root` changes. With a `cache`, unchanged files are read from an index.
    """
    bad: list[Unreadable] = []
    records: dict[str, Record] = {}
    with _uncollected():
        published = _published(Path(root), bad)
        index = None if cache is None else Index.of(Path(root), cache)
        for row in _rows(Path(root), bad):
            for name, record in _read_row(row, index, bad):
                if record.key in records:
                    bad.append(Unreadable(row / name / RECORD, f"a second record of run {record.key}"))
                else:
                    records[record.key] = record
        if index is not None:
            index.write()
    records = published | records
    return sorted(records.values(), key=lambda record: record.order), bad


def _read_row(row: Path, index: Index | None, bad: list[Unreadable]) -> Iterable[tuple[str, Record]]:
    """Read the records in a row's directory, each with the name of its run."""
    names = [run.name for run in entries_of(row, bad) if KEY.fullmatch(run.name.rpartition("-")[2])]
    place = f"{row.parent.name}/{row.name}"
    stamps = [] if index is None else stamps_of(row, names)
    if index is not None and (held := index.records(place, stamps)) is not None:
        return zip((name for name, *_ in stamps), held, strict=True)
    found = {name: found_at(row / name / RECORD) for name in names}
    bad += [one for one in found.values() if isinstance(one, Unreadable)]
    records = {name: one for name, one in found.items() if isinstance(one, Record)}
    if index is None or [name for name, *_ in stamps] != list(records):  # bad files must be listed at each call
        return records.items()
    return zip(records, index.keep(place, stamps, list(records.values())), strict=True)


def _published(root: Path, bad: list[Unreadable]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    try:
        lines = list(packed_lines(root))
    except OSError as error:  # a directory, a loop of links
        bad.append(Unreadable(root / PACK, error.strerror or str(error)))
        lines = []
    for place, line in lines:
        try:
            record = parse_record(line)
        except ValueError as error:
            bad.append(Unreadable(root / PACK, f"{place}: {error}"))
        else:
            records[record.key] = record
    return records


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector, which would search a million small objects for cycles that JSON cannot contain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def recorded(root: Path, directories: Mapping[str, Path]) -> dict[str, Record]:
    """Return the current records of runs by key, from their `directories` and from the root's pack."""
    published = _published(Path(root), [])
    found = {key: found_at(directory / RECORD) for key, directory in directories.items()}
    own = {key: record for key, record in found.items() if isinstance(record, Record) and record.key == key}
    return {key: published[key] for key in directories if key in published} | own


def _rows(root: Path, refused: list[Unreadable]) -> Iterator[Path]:
    """Walk `<root>/<problem>/<row>` in order."""
    if root.exists() and not root.is_dir():
        raise StoreError(f"The results directory {quote(root)} is not a directory.")
    for problem in entries_of(root, refused):
        for row in entries_of(Path(problem.path), refused):
            yield Path(row.path)


def entries_of(directory: Path, refused: list[Unreadable] | None = None) -> list[os.DirEntry[str]]:
    """Return a directory's entries by name, none if it is not a directory; report one that cannot be read."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        if refused is not None:
            refused.append(Unreadable(directory, error.strerror or str(error)))
        return []
