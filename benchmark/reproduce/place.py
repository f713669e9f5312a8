"""Where a target is measured, and what a measurement returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmark.reproduce.verdict import Measured
from benchmark.runner.progress import Progress

Cells = Mapping[tuple[str, str], Measured]  # by row and column; cells that do not apply are left out


class Exhibit(NamedTuple):
    """A further table of a page: a histogram, quality against budget, effects."""

    title: str
    lines: Sequence[Sequence[str]]  # the first is the header


class Line(NamedTuple):
    """A line of a plot; faint lines, such as single seeds, are drawn behind the others and not named."""

    name: str
    points: Sequence[tuple[float, float]]
    faint: bool = False
    dots: bool = True  # markers at the points
    band: Sequence[tuple[float, float]] = ()  # an interval at each point


@dataclass(frozen=True)
class Plot:
    """A plot of a page, where the paper has one or a curve shows more than its last value."""

    name: str  # the last part of its file name
    title: str
    x: str
    y: str
    lines: Sequence[Line]
    levels: Mapping[str, float]  # named horizontal lines: the paper's values
    log: bool = False  # horizontal axis
    marks: Sequence[tuple[str, float, float]] = ()  # labels of single points


class Measurement(NamedTuple):
    """The result of measuring a target."""

    cells: Cells
    exhibits: Sequence[Exhibit] = ()
    plots: Sequence[Plot] = ()
    seconds: float | None = None  # of training, from records; CPU seconds without records; None if nothing was trained


@dataclass(frozen=True)
class Place:
    """Directories, device and progress display of a measurement."""

    root: Path  # of the records
    cache: Path
    progress: Progress
    data_directory: Path | None = None
    inception_weights: Path | None = None
    device: str = "cpu"
    threads: int = 1
