"""A dry run: a request's runs, those on record, its groups, and how long it may take on this machine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmark.errors import StoreError
from benchmark.runner.environment import device_name
from benchmark.runner.experiment import Run
from benchmark.runner.groups import pack
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from benchmark.runner.run import notes_on
from benchmark.store import Record, check_writable, read_all


@dataclass(frozen=True)
class Line:
    """One row on one problem."""

    problem: str
    row: str
    runs: int
    found: int  # on record
    groups: int  # of the missing runs
    seconds: float | None  # of the missing runs, 0 for controls; None if this machine has no similar run on record


@dataclass(frozen=True)
class Forecast:
    """The rows of a request, and notes for the user."""

    lines: tuple[Line, ...]
    groups: int
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float | None:
        """The sum of all estimates; None if there are none."""
        known = [line.seconds for line in self.lines if line.seconds]
        return sum(known) if known else None

    def plain(self) -> dict[str, Any]:
        """Return the forecast as plain values for JSON."""
        return {**asdict(self), "seconds": self.seconds}


def foresee(request: Request, root: Path, cache: Path) -> Forecast:
    """Plan a request and look up what is on record; nothing is trained and nothing below `root` is written."""
    planned = plan(request, cache)
    check_writable(root)
    try:
        records = read_all(root, cache)[0]
    except StoreError:
        records = []
    on_record = {record.key: record for record in records}
    cohorts = pack(planned, on_record, root)
    joined = Counter(row for cohort in cohorts for row in {_row(run) for run in cohort.runs})
    speed = speeds(records, device_name(torch.device(request.device)))
    runs: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in planned.runs:
        runs[_row(run)].append(run)
    lines = [
        Line(
            problem=problem,
            row=row,
            runs=len(own),
            found=sum(run.key in on_record for run in own),
            groups=joined[problem, row],
            seconds=_seconds([run for run in own if run.key not in on_record], speed),
        )
        for (problem, row), own in runs.items()
    ]
    return Forecast(tuple(lines), len(cohorts), tuple(notes_on(planned)))


def speeds(records: Sequence[Record], device: str) -> dict[tuple[str, str | None], float]:
    """Return the median seconds of a gradient evaluation of a run on a device, by problem and row, and by problem."""
    found: dict[tuple[str, str | None], list[float]] = defaultdict(list)
    for record in records:
        spent, count = record.compute.get("seconds"), record.compute.get("gradient_evaluations")
        if spent and count and record.compute.get("device") == device:
            for row in (record.row, None):
                found[record.problem, row].append(spent / count)
    return {place: median(rates) for place, rates in found.items()}


def _row(run: Run) -> tuple[str, str]:
    return run.experiment.problem.name, run.experiment.row


def _seconds(missing: Sequence[Run], speed: Mapping[tuple[str, str | None], float]) -> float | None:
    if not missing or missing[0].experiment.objective is None:
        return 0.0
    problem, row = _row(missing[0])
    rate = speed.get((problem, row), speed.get((problem, None)))
    return None if rate is None else rate * sum(run.experiment.comparable["gradient_evaluations"] for run in missing)
