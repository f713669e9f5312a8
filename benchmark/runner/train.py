"""Train one group, or draw one control, and write the records; an interrupted group leaves its checkpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from benchmark import interrupts
from benchmark.engine import checkpoint
from benchmark.engine.group import Group, form
from benchmark.engine.health import Diagnosis, diagnose
from benchmark.engine.loop import Position, advance
from benchmark.errors import Interrupted, StoreError
from benchmark.problems import Data
from benchmark.runner.controls import control_samples
from benchmark.runner.curves import Curves
from benchmark.runner.evaluate import Verdict, judge, on_device, samples_needed
from benchmark.runner.generators import generator_bytes
from benchmark.runner.groups import CHECKPOINT, GroupPlan
from benchmark.runner.notes import points_of, seconds_of
from benchmark.runner.pictures import picture_or_none
from benchmark.runner.plan import Run
from benchmark.runner.records import cost, record_of
from benchmark.runner.request import Request
from benchmark.runner.trackers import Started, Trackers
from benchmark.store import (
    CURVE,
    GENERATOR,
    PICTURE,
    SAMPLES,
    SAMPLES_KEPT,
    Record,
    read_regular,
    recorded,
    run_directory,
    samples_bytes,
    write_atomically,
    write_record,
)

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
    finished: bool = False  # every member is recorded, so that nothing is left to be taken up again

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
            content = read_regular(plan.directory(root) / CHECKPOINT)
            started.position, notes = checkpoint.unpack(content, plan.key, group)
            started.curves.points = points_of(notes.get("curve"), len(plan.runs), started.position.iteration)
            started.seconds = seconds_of(notes.get("seconds"))
        except (OSError, ValueError) as error:
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
            for position in advance(self.group, self.position.state, start, stops=self.curves.marks, compiled=compiled):
                self.position = position  # first of all: an interrupt may come between any two lines
                interrupts.check()
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
        if self.finished:
            return
        self.curves.add(self.position)  # the interrupt may have come before this was done
        try:
            self.save()
        except StoreError as error:
            LOG.warning("No checkpoint of this moment: %s", error)


def train_group(plan: GroupPlan, data: Data, root: Path, request: Request, told: Advance) -> list[Record]:
    """Train a group, evaluate every member that lives, and write the records."""
    data = on_device(data, request.device)
    training = Training.begin(plan, data, root, request)
    stored = _stored(plan, root)
    runs = [None if run.key in stored else _started(run, root) for run in plan.runs]
    with Trackers(request.log_to, runs) as trackers:
        try:
            training.run(told, trackers)
            return _finish(training, data, trackers)
        except (Interrupted, KeyboardInterrupt):
            training.keep()
            raise


def _started(run: Run, root: Path) -> Started:
    subject = run.subject
    return Started(subject.problem.name, subject.row, run.seed, run.key, _directory(run, root), run.identity)


def _directory(run: Run, root: Path) -> Path:
    return run_directory(root, run.subject.problem.name, run.subject.row, run.seed, run.key)


def _stored(plan: GroupPlan, root: Path) -> dict[str, Record]:
    """Return the members that are on record by now: trained in other company, whose numbers differ from these."""
    return recorded(root, {run.key: _directory(run, root) for run in plan.runs})


def _finish(training: Training, data: Data, trackers: Trackers) -> list[Record]:
    """Evaluate every member that lives, and write its record and the files beside it.

    A member on record was trained for its company alone: its files stay as they are, and its record is given.
    """
    plan, root = training.plan, training.root
    state, problem = training.position.state, plan.subject.problem
    samples = training.group.sample(state, samples_needed(problem))
    kept = samples[:, :SAMPLES_KEPT].cpu()
    compute = cost(training.group, training.seconds)
    records = _stored(plan, root)
    for member, run in enumerate(plan.runs):
        if run.key in records:
            continue
        end = diagnose(training.curves.of(member), plan.subject.iterations, int(state.ended[member]))
        verdict = Verdict() if end.state == "diverged" else judge(problem, data, samples[member], run.seed)
        group_facts = {"key": plan.key, "members": len(plan.runs), "position": member}
        record = record_of(run, end, verdict, compute=compute, group=group_facts)
        write_record(root, record, _files(training, record, member, kept[member]))
        trackers.finish(member, kept[member].numpy(), record)
        records[run.key] = record
    training.finished = True
    (plan.directory(root) / CHECKPOINT).unlink(missing_ok=True)
    records |= _stored(plan, root)  # another process may have been first with one
    return [records[run.key] for run in plan.runs]


def _files(training: Training, record: Record, member: int, samples: Tensor) -> dict[str, bytes]:
    """Return what is kept beside a member's record: its curve, samples [N, *data], weights and picture."""
    curves, request = training.curves, training.request
    last = record.end.iteration if record.end.state == "diverged" else training.plan.subject.iterations
    assert last is not None
    files = {CURVE: curves.file_of(member, last), SAMPLES: samples_bytes(samples.numpy())}
    if request.keep_generators:
        files[GENERATOR] = generator_bytes(training.group, training.position.state, member)
    return files | (_picture(record, samples, curves.of(member)) if request.pictures else {})


def _picture(record: Record, samples: Tensor, curve: list[dict[str, float]]) -> dict[str, bytes]:
    drawn = picture_or_none(record, samples.numpy(), curve)
    return {} if drawn is None else {PICTURE: drawn}


def run_control(run: Run, data: Data, root: Path, *, device: str = "cpu", pictures: bool = False) -> Record:
    """Draw the samples of a control, judge them on a device, and write its record."""
    problem = run.subject.problem
    samples = control_samples(run.subject.row, problem, data, run.seed, samples_needed(problem))
    verdict = judge(problem, on_device(data, device), samples.to(device), run.seed)
    record = record_of(run, Diagnosis("ok", 0), verdict, compute={}, group={})
    files = {SAMPLES: samples_bytes(samples.numpy())}
    write_record(root, record, files | (_picture(record, samples, []) if pictures else {}))
    return record
