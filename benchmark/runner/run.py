"""Carry out a request: what is on record is not run again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.runner.executors import Executor, Serial
from benchmark.runner.groups import pack
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from benchmark.runner.work import Progress
from benchmark.store import Record, check_writable, read_all


@dataclass(frozen=True)
class Outcome:
    """What carrying out a request gave: the records it asked for, those found there before, and runs not finished."""

    records: tuple[Record, ...]
    found: int
    unfinished: int


def execute(request: Request, root: Path, cache: Path, progress: Progress, executor: Executor | None = None) -> Outcome:
    """Run what is missing from the store under `root` and give all records of the request."""
    planned = plan(request, cache)
    check_writable(root)
    for note in (note for data in planned.data.values() for note in data.notes):
        progress.note(note)
    for row in dict.fromkeys(run.subject.row for run in planned.runs if not run.subject.vectorises):
        progress.note(f"{row} cannot be vectorised over seeds, so its members train one at a time.")
    on_record = {record.key: record for record in read_all(root)[0]}
    found = sum(run.key in on_record for run in planned.runs)
    groups = pack(planned.runs, on_record, root, request)
    for record in (executor or Serial()).run(groups, planned, root, cache, request, progress):
        on_record[record.key] = record
    records = tuple(on_record[run.key] for run in planned.runs if run.key in on_record)
    return Outcome(records, found, len(planned.runs) - len(records))
