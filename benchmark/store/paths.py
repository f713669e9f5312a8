"""A run's directory and the names of its files, and whether a results directory can be written."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from benchmark.errors import StoreError
from benchmark.store.disk import check_kind
from benchmark.store.identity import KEY_LENGTH
from benchmark.store.record import Record
from objectives.foundation.names import quote

RECORD, CURVE, SAMPLES, GENERATOR, PICTURE = "record.json", "curve.jsonl", "samples.npz", "generator.pt", "picture.png"
OWN = frozenset({RECORD, CURVE, SAMPLES, GENERATOR, PICTURE})  # other files there are a tracker's or the user's
GROUPS = "groups"  # the directory of unfinished groups
LONGEST_NAME = 80  # file systems allow 255 bytes; listings stay readable
ATTEMPTS = 20  # at a check that other processes may disturb
KEY = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._+=,-]")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names reserved by Windows


def run_directory(root: Path, problem: str, row: str, seed: int, key: str) -> Path:
    """Return the directory of a run, always inside `root`; two rows may share a folder, since keys differ."""
    if not KEY.fullmatch(key):
        raise StoreError(f"A run's key is {KEY_LENGTH} hexadecimal digits, not {quote(key)}.")
    return Path(root) / _file_name(problem) / _file_name(row) / f"{int(seed)}-{key}"


def directory_of(root: Path, record: Record) -> Path:
    """Return the directory of a record's run."""
    return run_directory(root, record.problem, record.row, record.seed, record.key)


def _file_name(text: str) -> str:
    safe = _UNSAFE.sub("_", text[:LONGEST_NAME]).rstrip(".")
    if not safe or safe[0] in ".-" or _RESERVED.fullmatch(safe):  # hidden, an option to some tool, or a device
        safe = "_" + safe
    return safe


def check_writable(root: Path) -> None:
    """Raise StoreError unless runs can be written under `root`; leave the file system unchanged."""
    _check(lambda: _try_writing(Path(root)), f"results to {quote(root)}")


def check_target(path: Path) -> None:
    """Raise StoreError unless a file can be written at `path`; leave the file system unchanged."""
    _check(lambda: _try_file(path), quote(path))


def _check(trial: Callable[[], object], what: str) -> None:
    for attempt in range(ATTEMPTS):
        try:
            trial()
            return
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            if isinstance(error, FileNotFoundError) and attempt < ATTEMPTS - 1:
                continue  # another process just removed the directory it tried to write to
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise StoreError(f"Cannot write {what}: {reason}.") from error


def _try_writing(root: Path) -> None:
    made: list[Path] = []
    with suppress(FileNotFoundError):
        root.stat()  # a path that is too long is refused before thousands of directories are made
    try:
        for directory in _missing(root):
            with suppress(FileExistsError):  # another process was faster and will remove it
                directory.mkdir()
                made.append(directory)
        probe = root / f".gan-bench-{secrets.token_hex(8)}.tmp"
        with probe.open("xb"):
            pass
        probe.unlink()
    finally:
        for directory in reversed(made):
            with suppress(OSError):  # not empty: another run has begun to use it
                directory.rmdir()


def _try_file(path: Path) -> None:
    check_kind(path)
    _try_writing(path.parent)


def _missing(directory: Path) -> list[Path]:
    """List the directories that do not exist yet, outermost first."""
    missing = []
    while not os.path.lexists(directory):
        missing.append(directory)
        directory = directory.parent
    return missing[::-1]
