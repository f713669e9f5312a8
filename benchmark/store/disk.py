"""Files on disk: written atomically, and read only if they are regular files."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from benchmark.errors import StoreError
from objectives.foundation.names import quote

TEMPORARY = re.compile(r"\.gan-bench-[0-9a-f]{16}\.tmp")


def check_kind(path: Path) -> None:
    """Raise OSError for a directory, and for a device or pipe, which renaming would replace."""
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "Not a regular file")


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: after a signal or a power cut it is complete or absent."""
    temporary = temporary_beside(path)
    try:
        check_kind(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_synced(temporary, content)
        temporary.replace(path)
        sync_directory(path.parent)
    except BaseException as error:  # a signal may come between any two lines
        with suppress(OSError, ValueError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise StoreError(f"Cannot write {quote(path)}: {error.strerror or error}.") from error
        raise


def write_synced(path: Path, content: bytes) -> None:
    """Write a new file and flush it to disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file; anything else, such as a pipe or a device, raises OSError at once."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            raise OSError(number, "Not a regular file", str(path))
        with open(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def temporary_beside(path: Path) -> Path:
    """Return a new temporary name in the same directory; `sweep` removes such files if their writer was killed."""
    return path.parent / f".gan-bench-{secrets.token_hex(8)}.tmp"


def sync_directory(directory: Path) -> None:
    """Flush a directory's entries to disk."""
    if os.name == "nt":  # Windows opens no directories; its rename is journalled
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
