"""Records on disk: written whole or not at all, read with every bad file named."""

from __future__ import annotations

import gc
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import StoreError
from benchmark.names import shown
from benchmark.store.pack import PACK, packed_lines
from benchmark.store.paths import KEY, directory_of
from benchmark.store.record import Record, parse_record

RECORD, GROUPS = "record.json", "groups"
ATTEMPTS = 3  # to write a record while other processes write it or set junk aside
TEMPORARY = re.compile(r"\.gan-bench-[0-9a-f]{16}\.tmp")


@dataclass(frozen=True)
class Unreadable:
    """A file of the store that is not a record this version can read, and why."""

    path: Path
    reason: str
    junk: bool = False  # it says nothing to anyone; else another version or another user may read it


def write_atomically(path: Path, content: bytes) -> None:
    """Put a file in place so that a reader, a signal or a power cut sees it whole or not at all."""
    _put(path, content, Path.replace)


def _write_new(path: Path, content: bytes) -> bool:
    """Do as `write_atomically` does, but only where no file has that name yet; tell whether it was done."""
    return _put(path, content, _link) is not None


def _link(temporary: Path, path: Path) -> Path | None:
    """Move a file to a name that no other has, else give None: of two processes only one succeeds."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        placed = None
    except (OSError, AttributeError):  # no hard links here: two that write in the same instant both succeed
        return temporary.replace(path)
    else:
        placed = path
    temporary.unlink()
    return placed


def _put(path: Path, content: bytes, place: Callable[[Path, Path], Path | None]) -> Path | None:
    temporary = path.parent / f".gan-bench-{secrets.token_hex(8)}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        placed = place(temporary, path)
        _sync_directory(path.parent)
    except BaseException as error:  # a signal may come between any two lines
        with suppress(OSError, ValueError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise StoreError(f"Cannot write {shown(path)}: {error.strerror or error}.") from error
        raise
    return placed


def _sync_directory(directory: Path) -> None:
    if os.name == "nt":  # Windows opens no directories; its rename is journalled
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_record(root: Path, record: Record) -> Path:
    """Write a record into its run's directory and give that directory.

    What is recorded stays as it is: of two processes that finish the same run the first one is kept. Junk in that place
    is set aside under another name. What another version, another user or another run left there is never overwritten.
    """
    directory = directory_of(root, record)
    path = directory / RECORD
    content = record.to_json().encode()
    for _ in range(ATTEMPTS):
        if (why := obstacle(path, record.key)) is not None:
            raise StoreError(f"Will not overwrite {shown(path)}: {why}.")
        existing = _found(path)
        if isinstance(existing, Record):
            return directory
        if existing is not None:
            set_aside(path)
        if _write_new(path, content):
            return directory
    write_atomically(path, content)  # a name that is taken and holds nothing, such as a link to no file
    return directory


def obstacle(path: Path, key: str) -> str | None:
    """Say why the record of a run may not be written at a path; None where it may, or stands there already."""
    existing = _found(path)
    if isinstance(existing, Record):
        return None if existing.key == key else f"it records another run, {existing.key}"
    return None if existing is None or existing.junk else existing.reason


def set_aside(path: Path) -> None:
    """Take a file that says nothing out of the way, for whoever wants to know what it was."""
    try:
        path.replace(path.with_name(f"unreadable-{secrets.token_hex(4)}-{path.name}"))
    except FileNotFoundError:
        return  # another process has just done so
    except OSError as error:
        raise StoreError(f"Cannot set {shown(path)} aside: {error.strerror or error}.") from error


def read_record(path: Path) -> Record | Unreadable:
    """Read one record, or say why it is none."""
    return _found(path) or Unreadable(path, "no such file")


def _found(path: Path) -> Record | Unreadable | None:
    try:
        content = path.read_bytes()
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


def read_all(root: Path) -> tuple[list[Record], list[Unreadable]]:
    """Read every record under `root`, in the order of problem, row, seed and key, and name every file that is none.

    A run's directory without a record is unfinished, not bad. A run that is published in the directory's pack may have
    a directory too. Nothing on disk changes.
    """
    records: dict[str, Record] = {}
    bad: list[Unreadable] = []
    with _uncollected():
        published = _published(Path(root), bad)
        for directory in _run_directories(Path(root), bad):
            path = directory / RECORD
            found = _found(path)
            if isinstance(found, Unreadable):
                bad.append(found)
            elif found is not None and found.key in records:
                bad.append(Unreadable(path, f"a second record of run {found.key}"))
            elif found is not None:
                records[found.key] = found
    records = published | records
    return sorted(records.values(), key=lambda record: record.order), bad


def _published(root: Path, bad: list[Unreadable]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for place, line in packed_lines(root):
        try:
            record = parse_record(line)
        except ValueError as error:
            bad.append(Unreadable(root / PACK, f"{place}: {error}"))
        else:
            records[record.key] = record
    return records


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector: a million small objects make it look for cycles that JSON cannot hold."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def recorded(root: Path, directories: Mapping[str, Path]) -> dict[str, Record]:
    """Return the records that runs have by now, by key: those in their `directories`, and those in the root's pack."""
    published = _published(Path(root), [])
    found = {key: _found(directory / RECORD) for key, directory in directories.items()}
    own = {key: record for key, record in found.items() if isinstance(record, Record) and record.key == key}
    return {key: published[key] for key in directories if key in published} | own


def sweep(root: Path, *, older_than: float, now: float) -> list[Path]:
    """Remove the temporaries that a killed writer left, if older than so many seconds, and list them."""
    swept = []
    groups = [Path(entry.path) for entry in _entries(Path(root) / GROUPS)]
    for directory in (Path(root), *groups, *_run_directories(Path(root))):
        for entry in _entries(directory):
            if TEMPORARY.fullmatch(entry.name) is None:
                continue
            with suppress(OSError):  # its writer has just put it in place, or it is another user's
                age = now - entry.stat(follow_symlinks=False).st_mtime
                if entry.is_file(follow_symlinks=False) and age > older_than:
                    Path(entry.path).unlink()
                    swept.append(Path(entry.path))
    return swept


def _run_directories(root: Path, refused: list[Unreadable] | None = None) -> Iterator[Path]:
    """Walk `<root>/<problem>/<row>/<seed>-<key>` in order, without descending into what a run holds."""
    if root.exists() and not root.is_dir():
        raise StoreError(f"The results directory {shown(root)} is not a directory.")
    for problem in _entries(root, refused):
        for row in _entries(Path(problem.path), refused):
            for run in _entries(Path(row.path), refused):
                if KEY.fullmatch(run.name.rpartition("-")[2]):
                    yield Path(run.path)


def _entries(directory: Path, refused: list[Unreadable] | None = None) -> list[os.DirEntry[str]]:
    """List a directory by name; a plain file or nothing at all has no entries, a closed directory is reported."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        if refused is not None:
            refused.append(Unreadable(directory, error.strerror or str(error)))
        return []
