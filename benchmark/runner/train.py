"""Train one group and write its members' records."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from benchmark.engine.group import Group, form
from benchmark.engine.loop import train
from benchmark.engine.state import State, Terms
from benchmark.problems import Data
from benchmark.runner.controls import control_samples
from benchmark.runner.environment import environment
from benchmark.runner.evaluate import Verdict, judge, samples_needed
from benchmark.runner.groups import GroupPlan
from benchmark.runner.plan import Run
from benchmark.store import CurveWriter, End, Record, directory_of, run_directory, write_atomically, write_record
from benchmark.store.curve import CURVE

CURVE_POINTS = 100  # at equal fractions of the budget
SAMPLES_KEPT = 1_000  # of each run, for pictures and for anyone who doubts a score

Advance = Callable[[int], None]  # told the iterations done so far


@dataclass
class Curves:
    """The curves of a group's members while it trains."""

    points: list[tuple[int, dict[str, list[float]]]] = field(default_factory=list)

    def add(self, iteration: int, terms: Terms) -> None:
        """Keep one point of every member."""
        self.points.append((iteration, {name: term.tolist() for name, term in terms._asdict().items()}))

    def write(self, directory: Path, member: int, last: int) -> None:
        """Write one member's curve, up to the iteration at which it died."""
        with CurveWriter(directory / CURVE) as writer:
            for iteration, values in self.points:
                if iteration <= last:
                    writer.append(iteration, {name: value[member] for name, value in values.items()})


def train_group(plan: GroupPlan, data: Data, root: Path, device: str, advance: Advance) -> list[Record]:
    """Train a group from the start, evaluate every member, and write the records."""
    subject = plan.subject
    assert subject.objective is not None
    manifest = root / "groups" / f"{plan.key}.json"
    write_atomically(manifest, (json.dumps(plan.manifest, indent=1) + "\n").encode())
    seeds = [run.seed for run in plan.runs]
    training = data.training.to(device)
    began = time.perf_counter()
    group = form(subject.problem, subject.objective, subject.training, seeds, training, subject.iterations)
    curves = Curves()
    ticks = marks(subject.iterations, CURVE_POINTS)

    def report(iteration: int, state: State, terms: Terms) -> None:
        curves.add(iteration, terms)
        advance(iteration)

    state = train(group, group.start(), 0, subject.iterations, ticks, report)
    trained = time.perf_counter() - began
    samples = group.sample(state, samples_needed(subject.problem)).cpu()
    shared = compute(group, trained)
    records = []
    for member, run in enumerate(plan.runs):
        end = end_of(state, member, subject.iterations)
        verdict = judge(subject.problem, data, samples[member], run.seed) if end.state == "ok" else Verdict()
        directory = run_directory(root, subject.problem.name, subject.row, run.seed, run.key)
        curves.write(directory, member, end.iteration or subject.iterations)
        keep_samples(directory, samples[member])
        group_facts = {"key": plan.key, "members": len(seeds), "position": member}
        records.append(record_of(run, end, verdict, compute=shared, group=group_facts))
        write_record(root, records[-1])
    return records


def run_control(run: Run, data: Data, root: Path) -> Record:
    """Draw and judge the samples of a control, and write its record."""
    problem = run.subject.problem
    samples = control_samples(run.subject.row, problem, data, run.seed, samples_needed(problem))
    record = record_of(run, End(state="ok"), judge(problem, data, samples, run.seed), compute={}, group={})
    keep_samples(directory_of(root, record), samples)
    write_record(root, record)
    return record


def marks(iterations: int, count: int) -> frozenset[int]:
    """Give the iterations at `count` equal fractions of the budget, the last one included."""
    return frozenset(max(1, round(iterations * (point + 1) / count)) for point in range(count))


def end_of(state: State, member: int, iterations: int) -> End:
    """Tell how a member ended."""
    if bool(state.alive[member]):
        return End(state="ok", iteration=iterations)
    iteration = int(state.ended[member]) + 1
    return End(state="diverged", iteration=iteration, reason="the loss or its gradient was not a finite number")


def compute(group: Group, seconds: float) -> dict[str, Any]:
    """Give what each member cost: by count its own, by the clock its share of the group."""
    iterations, dynamics = group.play.iterations, group.dynamics
    return {
        "gradient_evaluations": iterations * (dynamics.critic_gradients + dynamics.generator_gradients),
        "critic_updates": iterations * dynamics.critic_gradients,
        "generator_updates": iterations * dynamics.generator_gradients,
        "samples_seen": iterations * dynamics.critic_gradients * group.batch,
        "seconds": round(seconds / group.play.members, 3),
        "group_seconds": round(seconds, 3),
    }


def record_of(run: Run, end: End, verdict: Verdict, *, compute: dict[str, Any], group: dict[str, Any]) -> Record:
    """Put a record together."""
    subject = run.subject
    return Record(
        key=run.key,
        kind="control" if subject.objective is None else "objective",
        problem=subject.problem.name,
        row=subject.row,
        track=None if subject.objective is None else "shared",
        seed=run.seed,
        identity=run.identity,
        comparable=dict(subject.comparable),
        end=end,
        headline=subject.problem.headline,
        scores=verdict.scores,
        absent=verdict.absent,
        protocol=verdict.protocol,
        compute=compute,
        environment=environment(),
        group=group,
    )


def keep_samples(directory: Path, samples: Tensor) -> None:
    """Keep a run's first samples beside its record."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "samples.npz").open("wb") as file:
        np.savez_compressed(file, samples=samples[:SAMPLES_KEPT].numpy())
