"""Where code comes from: its location, and the digest of its source, which represents it in identities."""

from __future__ import annotations

import hashlib
import inspect
import sys
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from objectives.foundation.session import is_of_session, session_source

PACKAGES = ("objectives", "evaluators", "benchmark")
PREFIX = "gan_bench_outside_"  # prefix of the names of modules loaded from a path


def is_outside(value: Any) -> bool:
    """Return whether a class or a function was written outside this project."""
    return str(getattr(value, "__module__", "")).partition(".")[0] not in PACKAGES


def place_of(value: Any) -> str:
    """Return the spelling that loads a class or function again: a path from the working directory, or a module."""
    if not value.__module__.startswith(PREFIX):
        return f"{value.__module__}:{value.__qualname__}"
    path = Path(str(sys.modules[value.__module__].__file__))
    here = Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{value.__qualname__}"


def source_digest(value: Any) -> str | None:
    """Return the SHA-256 of the source of a class, a function or an instance's class, or None if it has none.

    The source is the whole file, or the cells of code defined in a session. What it imports is not hashed.
    """
    value = value if isinstance(value, type | FunctionType) else type(value)
    if is_of_session(value):
        text = session_source(value)
        return None if text is None else hashlib.sha256(text.encode()).hexdigest()
    return _file_digest(value)


@cache
def _file_digest(value: Any) -> str | None:
    """Return the file's digest at the first call: loaded code does not change with later edits."""
    try:
        file = inspect.getsourcefile(value)
    except (TypeError, OSError):
        return None
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file and Path(file).is_file() else None
