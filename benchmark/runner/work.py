"""Run one group, in this process or in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from benchmark.engine.blame import blamed, out_of_memory
from benchmark.errors import LeftOut, UserError
from benchmark.problems import Data
from benchmark.runner.groups import Cohort
from benchmark.runner.progress import Progress
from benchmark.runner.request import Request
from benchmark.runner.train import run_control, train_group
from benchmark.store import Record
from objectives.foundation.errors import PASSING
from objectives.foundation.names import quote


def shown(progress: Progress, group: Cohort) -> AbstractContextManager[Callable[[int], None]]:
    """Show the progress of a group."""
    scores = 0 if group.experiment.objective is None else len(group.runs)
    return progress.group(group.label, total_of(group), scores)


def total_of(group: Cohort) -> int:
    """Return the number of steps of a group: iterations and scored members, or draws and scores of a control."""
    if group.experiment.objective is None:
        return 2 * len(group.runs)
    return group.experiment.iterations + len(group.runs)


def run_group(
    group: Cohort, data: Data, root: Path, request: Request, report: Callable[[int], None]
) -> Sequence[Record]:
    """Run one group, or a control's runs one after another, and write the records.

    Raises LeftOut if the objective's own code fails, or if the group does not fit into memory.
    """
    with faults_of(group):
        if group.experiment.objective is not None:
            return train_group(group, data, root, request, report)
        records = []
        for done, run in enumerate(group.runs):
            drawn = partial(report, 2 * done + 1)
            records.append(run_control(run, data, root, drawn, device=request.device, pictures=request.pictures))
            report(2 * done + 2)
        return records


@contextmanager
def faults_of(group: Cohort) -> Iterator[None]:
    """Turn a failure of the objective's own code or of memory into LeftOut; pass on any other, which is ours."""
    try:
        yield
    except (*PASSING, UserError):
        raise
    except BaseException as error:
        objective = group.experiment.objective
        if out_of_memory(error):
            raise LeftOut(f"{quote(group.label)} does not fit into memory; {_advice(group)}.") from error
        fault = None if objective is None else blamed(error, objective)
        if fault is None:
            raise
        raise LeftOut(f"{quote(group.label)} was skipped, because the objective's own code failed: {fault}.") from error


def _advice(group: Cohort) -> str:
    members = len(group.runs)
    if members > 1:
        return f"train fewer of its {members} members at a time, such as --group-size {members // 2}"
    return "try a smaller batch, such as --set batch=32"
