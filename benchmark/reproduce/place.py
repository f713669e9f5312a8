"""Where a target is measured, and what a measurement gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmark.reproduce.verdict import Measured
from benchmark.runner.progress import Progress

Cells = Mapping[tuple[str, str], Measured]  # by row and column; what does not apply is left out


class Exhibit(NamedTuple):
    """A table shown beside the verdicts: histograms, quality against budget."""

    title: str
    lines: Sequence[Sequence[str]]  # the first one is the head


class Line(NamedTuple):
    """A line of a plot; faint ones, such as single seeds, stand behind the others and have no name."""

    name: str
    points: Sequence[tuple[float, float]]
    faint: bool = False
    dots: bool = True  # at its points
    band: Sequence[tuple[float, float]] = ()  # an interval at each of its points


@dataclass(frozen=True)
class Plot:
    """A plot shown beside the verdicts, where the paper has one or a curve says more than its end."""

    name: str  # of its file, beside the target's
    title: str
    x: str
    y: str
    lines: Sequence[Line]
    levels: Mapping[str, float]  # named horizontal lines: what the paper states
    log: bool = False  # the abscissa
    marks: Sequence[tuple[str, float, float]] = ()  # words beside points of it


class Measurement(NamedTuple):
    """What a target's measurement gives."""

    cells: Cells
    exhibits: Sequence[Exhibit] = ()
    plots: Sequence[Plot] = ()
    seconds: float | None = None  # of training, by the records; None where nothing is recorded


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
