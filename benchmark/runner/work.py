"""The work of one group, wherever it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from benchmark.problems import Data
from benchmark.runner.groups import GroupPlan
from benchmark.runner.request import Request
from benchmark.runner.train import run_control, train_group
from benchmark.store import Record


class Progress(Protocol):
    """Shows how far the work has come."""

    def group(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show one group's work; the function it gives is told the amount done so far."""
        ...

    def note(self, text: str) -> None:
        """Tell one sentence that a user should know."""
        ...


def total_of(group: GroupPlan) -> int:
    """Give the amount of a group's work: iterations, or runs of a control."""
    return group.subject.iterations if group.subject.objective is not None else len(group.runs)


def run_group(
    group: GroupPlan, data: Data, root: Path, request: Request, told: Callable[[int], None]
) -> Sequence[Record]:
    """Run one group, a control's runs one after another, and write the records."""
    if group.subject.objective is not None:
        return train_group(group, data, root, request, told)
    records = []
    for done, run in enumerate(group.runs, 1):
        records.append(run_control(run, data, root, pictures=request.pictures))
        told(done)
    return records
