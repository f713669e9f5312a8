"""The switch that forbids downloads, read here alone."""

from __future__ import annotations

import os

OFFLINE = "GAN_BENCH_OFFLINE"  # any value but an empty one forbids downloads


def offline() -> bool:
    """Return whether downloads are forbidden."""
    return bool(os.environ.get(OFFLINE))
