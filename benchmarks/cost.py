"""What training costs, objective by objective: `python benchmarks/cost.py results/standard`.

The seconds of records are those of the clock, with whatever else the machine did. Here every objective of a suite is
timed on each of its problems as the suite trains it: all seeds in one group, the problem's networks and batch, the
traced step, whole blocks of iterations, one thread. After a warm-up, short rounds of all objectives alternate, and the
median CPU time of this process counts, per run and gradient evaluation: a run's training takes that times its budget.
CPU time leaves out waiting for a core; other work still costs some, as it takes caches and bandwidth. Tracing, curves
and scoring are left out: `--whole ns` trains a row to the end of its budget and measures what all of it takes.

The result is written to `cost.json` in the results directory, where `publish` and `report` find it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.engine.group import Group, form
from benchmark.engine.host import prepared_process
from benchmark.engine.loop import Position, advance
from benchmark.leaderboard.cost import COSTS
from benchmark.problems import Data
from benchmark.runner.environment import environment
from benchmark.runner.groups import Cohort, pack
from benchmark.runner.paths import cache_directory
from benchmark.runner.plan import plan
from benchmark.runner.suite import suite_of
from benchmark.runner.train import train_group
from benchmark.store import write_atomically

ROUND = 0.5  # CPU seconds of a round, at least one block of iterations


@dataclass
class Timed:
    """A group in training, and what each round took: milliseconds per run and gradient evaluation."""

    row: str
    group: Group
    positions: Iterator[Position]
    iterations: int = 0  # of a round
    rounds: list[float] = field(default_factory=list)

    @classmethod
    def begin(cls, cohort: Cohort, data: Data) -> Timed:
        """Form a group as a run does, warm it up by a block, and choose the iterations of a round by another."""
        one = cohort.experiment
        assert one.objective is not None
        seeds = [run.seed for run in cohort.runs]
        group = form(one.problem, one.objective, one.training, seeds, data.training, one.iterations)
        started = cls(one.row, group, advance(group, group.start()))
        started.train(group.block)
        block = cpu_seconds(lambda: started.train(group.block))
        started.iterations = group.block * max(1, round(ROUND / block))
        return started

    def train(self, iterations: int) -> None:
        """Train on."""
        for _ in range(iterations):
            next(self.positions)

    def time(self) -> None:
        """Time a round."""
        evaluations = self.iterations * self.group.dynamics.cost.gradients * self.group.play.members
        self.rounds.append(1e3 * cpu_seconds(lambda: self.train(self.iterations)) / evaluations)

    @property
    def facts(self) -> dict[str, float]:
        """Return the median over rounds, the smallest and the largest."""
        found = {
            "milliseconds": statistics.median(self.rounds),
            "smallest": min(self.rounds),
            "largest": max(self.rounds),
        }
        return {name: round(value, 5) for name, value in found.items()}


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of this process for some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def timings(cohorts: Sequence[Cohort], data: Data, rounds: int) -> dict[str, dict[str, float]]:
    """Time the groups of a problem in alternating rounds."""
    timed = [Timed.begin(cohort, data) for cohort in cohorts]
    for _ in range(rounds):
        for one in timed:
            one.time()
    return {one.row: one.facts for one in timed}


def first_cohorts(cohorts: Sequence[Cohort]) -> dict[str, dict[str, Cohort]]:
    """Return a group for each row, by problem; rows whose members train one at a time have several alike."""
    found: dict[str, dict[str, Cohort]] = {}
    for cohort in cohorts:
        if cohort.experiment.objective is not None:
            found.setdefault(cohort.experiment.problem.name, {}).setdefault(cohort.experiment.row, cohort)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Time a suite, print a line for each objective and problem, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="results directory of the suite's runs")
    parser.add_argument("--suite", default="standard")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--whole", action="append", default=[], metavar="ROW", help="also train this row to its end")
    asked = parser.parse_args(arguments)
    request = suite_of(asked.suite).request()
    planned = plan(request, cache_directory())
    with TemporaryDirectory() as nowhere, prepared_process(request.threads):
        root = Path(nowhere)
        found = first_cohorts(pack(planned, {}, root))
        problems: dict[str, dict[str, Any]] = {}
        for problem, cohorts in found.items():
            rows = timings(list(cohorts.values()), planned.data[problem], asked.rounds)
            network = next(iter(cohorts.values())).experiment.problem.network
            problems[problem] = {"network": network, "rows": rows}
            for row, facts in rows.items():
                print(f"{problem:10} {row:20} {line(facts)}", flush=True)
        whole: dict[str, dict[str, float]] = {}
        for problem, row in ((problem, row) for problem in found for row in asked.whole):
            cohort, data = found[problem][row], planned.data[problem]
            seconds = cpu_seconds(partial(train_group, cohort, data, root, request, lambda _: None))
            whole.setdefault(problem, {})[row] = round(seconds / len(cohort.runs), 2)
            print(f"{problem:10} {row:20} {whole[problem][row]:8.2f} s for a whole run", flush=True)
        measured: dict[str, Any] = {
            "schema": 1,
            "unit": "CPU milliseconds per run and gradient evaluation",
            "suite": asked.suite,
            "track": request.track,
            "date": time.strftime("%Y-%m-%d"),
            "members": len(request.seeds),
            "rounds": asked.rounds,
            "environment": environment(),
            "problems": problems,
            "whole_runs": whole,  # CPU seconds per run, with tracing, curves and scoring
        }
    write_atomically(asked.results / COSTS, (json.dumps(measured, indent=1) + "\n").encode())


def line(facts: Mapping[str, float]) -> str:
    """Write the median and the spread of a row."""
    return f"{facts['milliseconds']:8.4f} ms ({facts['smallest']:.4f} to {facts['largest']:.4f})"


if __name__ == "__main__":
    main()
