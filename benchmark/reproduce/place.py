"""Where a target is measured, and what a measurement gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmark.reproduce.verdict import Measured
from benchmark.runner.work import Progress

Cells = Mapping[tuple[str, str], Measured]  # by row and column; what does not apply is left out


class Exhibit(NamedTuple):
    """A table shown beside the verdicts: histograms, quality against budget."""

    title: str
    lines: Sequence[Sequence[str]]  # the first one is the head


class Measurement(NamedTuple):
    """What a target's measurement gives."""

    cells: Cells
    exhibits: Sequence[Exhibit] = ()


@dataclass(frozen=True)
class Place:
    """Where a target finds what it needs and leaves its runs, and who is told how far it has come."""

    root: Path  # of the run records
    cache: Path
    progress: Progress
    data_directory: Path | None = None
    inception_weights: Path | None = None
    device: str = "cpu"
    threads: int = 1
