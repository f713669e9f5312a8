"""Where frozen classifiers and downloaded data are kept."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path


def cache_directory() -> Path:
    """Return the user's cache directory for this program; it is made when something is put there."""
    return user_cache_path("gan-bench", appauthor=False)
