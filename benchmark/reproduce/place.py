"""Where a target is measured, and what a measurement gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.reproduce.verdict import Measured
from benchmark.runner.work import Progress

Cells = Mapping[tuple[str, str], Measured]  # by row and column; what does not apply is left out


@dataclass(frozen=True)
class Place:
    """Where a target finds what it needs and leaves its runs, and who is told how far it has come."""

    root: Path  # of the run records
    cache: Path
    progress: Progress
    data_directory: Path | None = None
    device: str = "cpu"
    threads: int = 1
