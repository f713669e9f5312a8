"""Where code comes from: its place, and the digest of its source, which stands for it in identities."""

from __future__ import annotations

import hashlib
import inspect
import sys
from pathlib import Path
from typing import Any

PACKAGES = ("objectives", "evaluators", "benchmark")
PREFIX = "gan_bench_outside_"  # begins the names of modules that were read from a path


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
    """Return the SHA-256 of the file of a class or function; None where it was typed into a session.

    What the file imports is not hashed.
    """
    try:
        file = inspect.getsourcefile(value)
    except TypeError:
        return None
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file and Path(file).is_file() else None
