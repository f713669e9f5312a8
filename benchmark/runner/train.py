"""Train one group, or draw one control, and write the records; an interrupted group leaves its checkpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmark.engine import checkpoint
from benchmark.engine.group import Group, form
from benchmark.engine.health import Diagnosis, diagnose
from benchmark.engine.loop import Position, advance
from benchmark.errors import Interrupted, StoreError
from benchmark.problems import Data
from benchmark.runner.controls import control_samples
from benchmark.runner.curves import Curves
from benchmark.runner.evaluate import Verdict, judge, samples_needed
from benchmark.runner.groups import CHECKPOINT, GroupPlan
from benchmark.runner.pictures import draw_pictures
from benchmark.runner.plan import Run
from benchmark.runner.records import SAMPLES_KEPT, cost, keep_samples, record_of
from benchmark.runner.request import Request
from benchmark.runner.trackers import Started, Trackers
from benchmark.store import Record, run_directory, write_atomically, write_record

LOG = logging.getLogger(__name__)
Advance = Callable[[int], None]  # told the iterations done so far


@dataclass
class Training:
    """A group on its way: where it stands, its curves, and the seconds spent on it by all processes so far."""

    plan: GroupPlan
    group: Group
    curves: Curves
    position: Position
    root: Path
    request: Request
    seconds: float = 0.0
    recorded: bool = False  # every member, so that nothing is left to be taken up again

    @classmethod
    def begin(cls, plan: GroupPlan, data: Data, root: Path, request: Request) -> Training:
        """Form the group and take up its checkpoint where there is one that can be read."""
        subject = plan.subject
        assert subject.objective is not None
        seeds = [run.seed for run in plan.runs]
        training = data.training.to(request.device)
        group = form(
            subject.problem, subject.objective, subject.training, seeds, training, subject.iterations, plan.varying
        )
        curves, position = Curves(group, subject.problem, data), Position(0, group.start(), None)
        started = cls(plan, group, curves, position, root, request)
        try:
            content = (plan.directory(root) / CHECKPOINT).read_bytes()
            started.position, notes = checkpoint.unpack(content, plan.key, group)
            started.curves.points = [(int(at), dict(values)) for at, values in notes["curve"]]
            started.seconds = float(notes["seconds"])
        except (OSError, ValueError, TypeError, LookupError) as error:
            # From the start: a torn checkpoint costs time, never a wrong number.
            if not isinstance(error, FileNotFoundError):
                LOG.warning("A checkpoint of %s is left unread, and its group starts again: %s", plan.label, error)
            started.position = position
            plan.write_manifest(root)
            curves.begin(position)
        return started

    def save(self) -> None:
        """Write the checkpoint."""
        notes = {"curve": self.curves.plain(), "seconds": self.seconds}
        write_atomically(
            self.plan.directory(self.root) / CHECKPOINT, checkpoint.pack(self.position, self.plan.key, notes)
        )

    def run(self, told: Advance, trackers: Trackers) -> None:
        """Train to the end of the budget, saving every so often."""
        before, last_saved = time.monotonic() - self.seconds, time.monotonic()
        try:
            start, compiled = self.position.iteration, self.request.compiled
            for position in advance(self.group, self.position.state, start, compiled=compiled):
                self.position = position  # first of all: an interrupt may come between any two lines
                self.curves.add(position)
                now = time.monotonic()
                if position.iteration in self.curves.marks:
                    told(position.iteration)
                    trackers.step(*self.curves.points[-1])
                if now - last_saved > self.request.checkpoint_seconds:
                    self.seconds, last_saved = now - before, now
                    self.save()
        finally:
            self.seconds = time.monotonic() - before

    def keep(self) -> None:
        """Save what an interrupt would lose; where that cannot be written, the last checkpoint stands."""
        if self.recorded:
            return
        self.curves.add(self.position)  # the interrupt may have come before this was done
        try:
            self.save()
        except StoreError as error:
            LOG.warning("No checkpoint of this moment: %s", error)


def train_group(plan: GroupPlan, data: Data, root: Path, request: Request, told: Advance) -> list[Record]:
    """Train a group, evaluate every member that lives, and write the records."""
    training = Training.begin(plan, data, root, request)
    with Trackers(request.log_to, [_started(run, root) for run in plan.runs]) as trackers:
        try:
            training.run(told, trackers)
            return _finish(training, data, trackers)
        except (Interrupted, KeyboardInterrupt):
            training.keep()
            raise


def _started(run: Run, root: Path) -> Started:
    problem, row = run.subject.problem.name, run.subject.row
    return Started(problem, row, run.seed, run.key, run_directory(root, problem, row, run.seed, run.key), run.identity)


def _finish(training: Training, data: Data, trackers: Trackers) -> list[Record]:
    """Evaluate every member that lives and write what is kept of each; the records themselves come first."""
    plan, root = training.plan, training.root
    state, problem = training.position.state, plan.subject.problem
    samples = training.group.sample(state, samples_needed(problem)).cpu()
    compute = cost(training.group, training.seconds)
    records = []
    for member, run in enumerate(plan.runs):
        end = diagnose(training.curves.of(member), plan.subject.iterations, int(state.ended[member]))
        verdict = Verdict() if end.state == "diverged" else judge(problem, data, samples[member], run.seed)
        directory = run_directory(root, problem.name, run.subject.row, run.seed, run.key)
        training.curves.write(directory, member, end.iteration if end.state == "diverged" else plan.subject.iterations)
        keep_samples(directory, samples[member])
        group_facts = {"key": plan.key, "members": len(plan.runs), "position": member}
        records.append(record_of(run, end, verdict, compute=compute, group=group_facts))
        write_record(root, records[-1])
        trackers.finish(member, samples[member][:SAMPLES_KEPT].numpy(), records[-1])
    training.recorded = True
    (plan.directory(root) / CHECKPOINT).unlink(missing_ok=True)
    if training.request.pictures:
        draw_pictures(root, records, samples.numpy(), [training.curves.of(member) for member in range(len(records))])
    return records


def run_control(run: Run, data: Data, root: Path, *, pictures: bool = False) -> Record:
    """Draw and judge the samples of a control, and write its record."""
    problem = run.subject.problem
    samples = control_samples(run.subject.row, problem, data, run.seed, samples_needed(problem))
    record = record_of(run, Diagnosis("ok", 0), judge(problem, data, samples, run.seed), compute={}, group={})
    keep_samples(run_directory(root, problem.name, run.subject.row, run.seed, run.key), samples)
    write_record(root, record)
    if pictures:
        draw_pictures(root, [record], samples[None].numpy(), [[]])
    return record
