"""Carry out a request: what is on record is not run again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmark.engine.host import prepare_process
from benchmark.runner.groups import GroupPlan, pack
from benchmark.runner.plan import Plan, plan
from benchmark.runner.request import Request
from benchmark.runner.train import run_control, train_group
from benchmark.store import Record, check_writable, read_all


class Progress(Protocol):
    """Shows how far the work has come."""

    def group(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show one group's work; the function it gives is told the amount done so far."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What carrying out a request gave: every record it asked for, and how many of them were there before."""

    records: tuple[Record, ...]
    found: int


def execute(request: Request, root: Path, cache: Path, progress: Progress) -> Outcome:
    """Run what is missing from the store under `root` and give all records of the request."""
    prepare_process(request.threads)
    planned = plan(request, cache)
    check_writable(root)
    on_record = {record.key: record for record in read_all(root)[0]}
    found = sum(run.key in on_record for run in planned.runs)
    for group in pack(planned.runs, on_record, root, request):
        for record in run_group(group, planned, root, request, progress):
            on_record[record.key] = record
    return Outcome(tuple(on_record[run.key] for run in planned.runs), found)


def run_group(group: GroupPlan, planned: Plan, root: Path, request: Request, progress: Progress) -> Sequence[Record]:
    """Run one group, a control's runs one after another."""
    subject = group.subject
    data = planned.data[subject.problem.name]
    label = f"{subject.problem.name} · {subject.row}"
    if subject.objective is not None:
        with progress.group(f"{label} x {len(group.runs)}", subject.iterations) as advance:
            return train_group(group, data, root, request, advance)
    records = []
    with progress.group(label, len(group.runs)) as advance:
        for done, run in enumerate(group.runs, 1):
            records.append(run_control(run, data, root))
            advance(done)
    return records
