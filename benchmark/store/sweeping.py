"""Clean up after killed processes: complete runs are moved to their places, everything else is removed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmark.store.disk import TEMPORARY
from benchmark.store.files import entries_of, read_record
from benchmark.store.paths import GROUPS, KEY, RECORD, directory_of
from benchmark.store.placing import move_in
from benchmark.store.record import Record

PROGRESS = "progress"  # a worker's progress with its group


def sweep(root: Path, *, older_than: float, now: float) -> list[Path]:
    """Clean up what has not been written to for a number of seconds, and return its paths.

    A temporary directory with a record is a complete run whose writer was killed before the last step; it is moved to
    its place if that is free. Other temporary files and the progress of workers are removed.
    """
    swept = []
    for entry in _leftovers(Path(root)):
        with suppress(OSError):  # its writer has just moved it, or it is another user's
            if now - entry.stat(follow_symlinks=False).st_mtime > older_than:
                _clear(Path(root), Path(entry.path), is_directory=entry.is_dir(follow_symlinks=False))
                swept.append(Path(entry.path))
    return swept


def _leftovers(root: Path) -> Iterator[os.DirEntry[str]]:
    """Yield all temporary files and directories, and the progress of groups."""
    for group in entries_of(root / GROUPS):
        yield from (entry for entry in entries_of(Path(group.path)) if entry.name == PROGRESS or _is_temporary(entry))
    yield from filter(_is_temporary, entries_of(root))
    for problem in entries_of(root):
        for row in entries_of(Path(problem.path)):
            for run in entries_of(Path(row.path)):
                if _is_temporary(run):
                    yield run
                elif KEY.fullmatch(run.name.rpartition("-")[2]):
                    yield from filter(_is_temporary, entries_of(Path(run.path)))


def _is_temporary(entry: os.DirEntry[str]) -> bool:
    return TEMPORARY.fullmatch(entry.name) is not None


def _clear(root: Path, path: Path, *, is_directory: bool) -> None:
    if not is_directory:
        path.unlink()
        return
    record = read_record(path / RECORD)
    if isinstance(record, Record):
        place = directory_of(root, record)
        if place.parent == path.parent and not (place / RECORD).exists():
            move_in(path, place)
    shutil.rmtree(path, ignore_errors=True)
