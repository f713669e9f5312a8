"""Carry out a request: what is on record is not run again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmark.runner.environment import device_name
from benchmark.runner.executors import Executor, Serial
from benchmark.runner.experiment import Run
from benchmark.runner.groups import clear_finished, pack
from benchmark.runner.plan import Plan, plan
from benchmark.runner.progress import Progress
from benchmark.runner.request import Request
from benchmark.store import RECORD, Record, Unreadable, check_writable, obstacle, read_all, run_directory, sweep
from objectives.foundation.names import quote

ABANDONED = 3600.0  # seconds after which a temporary file has no writer
COUPLED = "This critic couples the samples of a batch, so that gradient also depends on the other samples."
NAMED = 5  # unreadable records that a run lists one by one


@dataclass(frozen=True)
class Outcome:
    """The result of a request."""

    records: tuple[Record, ...]  # all that were requested and are finished
    found: int  # of them, on record before
    unfinished: int  # runs
    faults: tuple[str, ...] = ()  # a sentence for each objective that could not be trained


def execute(request: Request, root: Path, cache: Path, progress: Progress, executor: Executor | None = None) -> Outcome:
    """Run what is missing from the store under `root`, and return all records of the request."""
    return carry_out(plan(request, cache, progress), root, cache, progress, executor)


def carry_out(planned: Plan, root: Path, cache: Path, progress: Progress, executor: Executor | None = None) -> Outcome:
    """Run what is missing from the store under `root`, and return all records of the plan.

    Files of the store that are not records are reported and left unchanged, and so are the runs that they block.
    """
    check_writable(root)
    sweep(root, older_than=ABANDONED, now=time.time())
    device = planned.request.device
    if device != "cpu":
        progress.note(f"Training on {device_name(torch.device(device))}.")
    for note in notes_on(planned):
        progress.note(note)
    records, unreadable = read_all(root, cache)
    on_record = {record.key: record for record in records}
    found = sum(run.key in on_record for run in planned.runs)
    blocked = {run.key: why for run in planned.runs if run.key not in on_record and (why := _blocked(run, root))}
    for note in (*_left_out(unreadable), *dict.fromkeys(blocked.values())):
        progress.note(note)
    clear_finished(on_record, root)
    groups = pack(planned, on_record, root, blocked.keys())
    for record in (executor or Serial()).run(groups, planned, root, cache, progress):
        on_record[record.key] = record
    requested = tuple(on_record[run.key] for run in planned.runs if run.key in on_record)
    return Outcome(requested, found, len(planned.runs) - len(requested), planned.faults)


def notes_on(planned: Plan) -> list[str]:
    """Return what a user should know about a plan before it is carried out, without repetitions."""
    experiments = [run.experiment for run in planned.runs]
    return list(
        dict.fromkeys(
            [
                *planned.faults,
                *(note for data in planned.data.values() for note in data.notes),
                *(
                    f"{one.row} cannot be vectorised over seeds, so its members train one at a time: {one.alone}."
                    for one in experiments
                    if one.alone is not None
                ),
                *(
                    f"{one.row} penalises each sample's own gradient. {COUPLED}"
                    for one in experiments
                    if one.facts.get("coupled_gradients")
                ),
                *(
                    f"{name} has no readable source, so its runs are never reused."
                    for one in experiments
                    for name in one.sourceless
                ),
            ]
        )
    )


def _blocked(run: Run, root: Path) -> str | None:
    """Return why a run's record cannot be written, before it is trained; None if it can."""
    path = run_directory(root, run.experiment.problem.name, run.experiment.row, run.seed, run.key) / RECORD
    why = obstacle(path, run.key)
    return None if why is None else f"Skipped a run whose record would overwrite {quote(path)}: {why}."


def _left_out(unreadable: Sequence[Unreadable]) -> list[str]:
    """Return a sentence for each of the first few unreadable records, and one for the rest."""
    lines = [f"Skipped {quote(file.path)}: {file.reason}." for file in unreadable[:NAMED]]
    more = len(unreadable) - len(lines)
    return lines + ([f"Skipped {more} more unreadable records."] if more else [])
