"""The default directory of results, and the cache of frozen classifiers and downloaded data."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

RESULTS = Path("results") / "runs"


def cache_directory() -> Path:
    """Return the user's cache directory for this program, which may not exist yet.

    For a user without a home, as in some containers, it is a temporary directory of this process.
    """
    try:
        return user_cache_path("gan-bench", appauthor=False)
    except (RuntimeError, KeyError):  # no HOME, and no entry in the list of users
        return _own_directory()


@cache
def _own_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="gan-bench-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory
