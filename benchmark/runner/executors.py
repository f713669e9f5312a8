"""What runs groups: this process, one after another, or any class with the same method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from benchmark.engine.host import prepared_process
from benchmark.errors import LeftOut
from benchmark.runner.groups import Cohort
from benchmark.runner.plan import Plan
from benchmark.runner.progress import Progress
from benchmark.runner.work import run_group, shown
from benchmark.store import Record


class Executor(Protocol):
    """Runs groups and yields their records as they finish; groups that cannot be finished are reported and skipped."""

    def run(
        self, groups: Sequence[Cohort], planned: Plan, root: Path, cache: Path, progress: Progress
    ) -> Iterator[Record]:
        """Run groups of a plan; every record is in the store under `root` before it is yielded."""
        ...


class Serial:
    """One group after another in this process."""

    def run(
        self, groups: Sequence[Cohort], planned: Plan, root: Path, cache: Path, progress: Progress
    ) -> Iterator[Record]:
        """Run the groups in order."""
        request = planned.request
        for group in groups:
            data = planned.data[group.experiment.problem.name]
            try:
                with (
                    shown(progress, group) as report,
                    prepared_process(request.threads, tf32=request.tf32, deterministic=request.deterministic),
                ):
                    records = run_group(group, data, root, request, report)
            except LeftOut as fault:
                progress.note(str(fault))
            else:
                yield from records
