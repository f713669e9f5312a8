"""Write a run's files as one directory, so that a reader sees all of them or none."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from benchmark.errors import StoreError
from benchmark.store.disk import sync_directory, temporary_beside, write_synced
from benchmark.store.files import found_at
from benchmark.store.paths import OWN, RECORD, directory_of
from benchmark.store.record import Record
from objectives.foundation.names import quote

ATTEMPTS = 5  # to put a run in place while other processes put the same one there
NONE: Mapping[str, bytes] = MappingProxyType({})


def write_record(root: Path, record: Record, files: Mapping[str, bytes] = NONE) -> Path:
    """Write a record and its files, and return the run's directory.

    They are written to a temporary directory, which is then renamed. Recorded runs are not changed: if two processes
    finish the same run, all files of the first one are kept. Files of an unfinished run are replaced, and those of
    trackers are moved along. A damaged file in the record's place is renamed; a record of another version, another
    user or another run is never overwritten.
    """
    directory = directory_of(root, record)
    staged = temporary_beside(directory)
    content = record.to_json().encode()
    try:
        staged.mkdir(parents=True)
        for name, written in {
            **files,
            RECORD: content,
        }.items():  # the record last: it means all are complete
            write_synced(staged / name, written)
        sync_directory(staged)
        for _ in range(ATTEMPTS):
            if _is_recorded(directory, record.key) or move_in(staged, directory):
                sync_directory(directory.parent)
                return directory
    except OSError as error:
        raise StoreError(f"Cannot write {quote(directory)}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    raise StoreError(f"Cannot write {quote(directory)}: other processes keep changing it.")


def _is_recorded(directory: Path, key: str) -> bool:
    """Return whether a run has its record; raises StoreError if another file is in its place."""
    path = directory / RECORD
    if (why := obstacle(path, key)) is not None:
        raise StoreError(f"Will not overwrite {quote(path)}: {why}.")
    found = found_at(path)
    if found is None or isinstance(found, Record):
        return found is not None
    set_aside(path)
    return False


def move_in(staged: Path, directory: Path) -> bool:
    """Rename a complete run to its directory; return False if another process changed that meanwhile."""
    with suppress(OSError):
        staged.rename(directory)  # free, or an empty directory
        return True
    if not directory.is_dir():
        staged.rename(directory)  # fails again, and raises the reason
        return True
    before = temporary_beside(directory)
    try:
        directory.rename(before)
    except FileNotFoundError:
        return False
    try:
        if isinstance(found_at(before / RECORD), Record):  # another process was first
            return False
        for path in before.iterdir():
            if path.name not in OWN:
                path.rename(staged / path.name)
        staged.rename(directory)
    finally:
        try:
            before.rename(directory)  # unless a run was moved there
        except OSError:
            shutil.rmtree(before, ignore_errors=True)
    return True


def obstacle(path: Path, key: str) -> str | None:
    """Return why the record of a run must not be written to a path; None if it may be, or is there already."""
    existing = found_at(path)
    if isinstance(existing, Record):
        return None if existing.key == key else f"it records another run, {existing.key}"
    return None if existing is None or existing.junk else existing.reason


def set_aside(path: Path) -> None:
    """Rename a file that is not a record, keeping it for inspection."""
    try:
        path.replace(path.with_name(f"unreadable-{secrets.token_hex(4)}-{path.name}"))
    except FileNotFoundError:
        return  # another process has just done so
    except OSError as error:
        raise StoreError(f"Cannot set {quote(path)} aside: {error.strerror or error}.") from error
