"""Train one group, or draw one control, and write the records; an interrupted group writes a checkpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torch import Tensor

from benchmark import interrupts
from benchmark.engine import checkpoint
from benchmark.engine.group import Group, form
from benchmark.engine.health import Diagnosis, diagnose, with_observations
from benchmark.engine.loop import Position, advance
from benchmark.errors import Interrupted, StoreError
from benchmark.problems import Data
from benchmark.problems.data import as_floats
from benchmark.runner.controls import control_samples
from benchmark.runner.curves import Curves
from benchmark.runner.evaluate import (
    RunScores,
    add_label_accuracy,
    evaluate_samples,
    missing_modes,
    on_device,
    samples_needed,
)
from benchmark.runner.experiment import Run
from benchmark.runner.generators import generator_bytes
from benchmark.runner.groups import CHECKPOINT, Cohort
from benchmark.runner.ladder import rung, rungs_noted, rungs_of
from benchmark.runner.notes import points_of, seconds_of
from benchmark.runner.pictures import POINTS, picture_or_none
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
    Rung,
    read_regular,
    recorded,
    run_directory,
    samples_bytes,
    write_atomically,
    write_record,
)

LOG = logging.getLogger(__name__)
Report = Callable[[int], None]  # called with the iterations done, and after training with those plus members scored


@dataclass
class GroupTraining:
    """A group in training: its position, its curves, and the seconds spent on it by all processes so far."""

    cohort: Cohort
    group: Group
    curves: Curves
    position: Position
    root: Path
    request: Request
    data: Data
    rungs: dict[int, list[Rung]] = field(default_factory=dict)  # a row of members for each rung that was reached
    seconds: float = 0.0
    finished: bool = False  # every member is recorded, so there is nothing to resume

    @classmethod
    def begin(cls, cohort: Cohort, data: Data, root: Path, request: Request) -> GroupTraining:
        """Form the group, and resume it from its checkpoint if there is a readable one."""
        experiment = cohort.experiment
        assert experiment.objective is not None
        seeds = [run.seed for run in cohort.runs]
        training = data.training.to(request.device)
        group = form(
            experiment.problem,
            experiment.objective,
            experiment.training,
            seeds,
            training,
            experiment.iterations,
            cohort.varying,
        )
        budget, each = experiment.comparable["gradient_evaluations"], group.dynamics.cost.gradients
        equal = not experiment.objective.traits.sees_progress  # its rungs are runs of a smaller budget
        ladder = rungs_of(budget, each, request.rungs) if equal or request.rungs else {}
        curves, position = Curves(group, experiment.problem, data, ladder), Position(0, group.start(), None)
        started = cls(
            cohort=cohort, group=group, curves=curves, position=position, root=root, request=request, data=data
        )
        try:
            content = read_regular(cohort.directory(root) / CHECKPOINT)
            found, notes = checkpoint.unpack(content, cohort.key, group)
            points = points_of(notes.get("curve"), len(cohort.runs), found.iteration)
            rungs = rungs_noted(notes.get("rungs"), len(cohort.runs), ladder, found.iteration)
            seconds = seconds_of(notes.get("seconds"))
        except (OSError, ValueError) as error:
            # A damaged checkpoint costs time, but never changes a number.
            if not isinstance(error, FileNotFoundError):
                LOG.warning("Ignored a checkpoint of %s; its group starts again: %s", cohort.label, error)
            cohort.write_manifest(root)
            curves.begin(position)
        else:  # only after all of the checkpoint was read
            curves.points = points
            started.position, started.rungs, started.seconds = found, rungs, seconds
        return started

    def save(self) -> None:
        """Write the checkpoint."""
        rungs = [[asdict(rung) for rung in row] for row in self.rungs.values()]
        notes = {"curve": self.curves.plain(), "rungs": rungs, "seconds": self.seconds}
        write_atomically(
            self.cohort.directory(self.root) / CHECKPOINT, checkpoint.pack(self.position, self.cohort.key, notes)
        )

    def run(self, report: Report, trackers: Trackers) -> None:
        """Train to the end of the budget, saving every so often."""
        before, last_saved = time.monotonic() - self.seconds, time.monotonic()
        try:
            start, compiled = self.position.iteration, self.request.compiled
            self.score_rung()  # an interrupt may have come between reaching and scoring it
            for position in advance(self.group, self.position.state, start, stops=self.curves.marks, compiled=compiled):
                self.position = position  # first, because an interrupt may come between any two lines
                interrupts.check()
                self.curves.add(position)
                now = time.monotonic()
                self.score_rung()
                before += time.monotonic() - now  # scoring is not training
                now = time.monotonic()
                if position.iteration in self.curves.marks:
                    report(position.iteration)
                    trackers.step(*self.curves.points[-1])
                if now - last_saved > self.request.checkpoint_seconds:
                    self.seconds, last_saved = now - before, now
                    self.save()
        finally:
            self.seconds = time.monotonic() - before

    def score_rung(self) -> None:
        """Score every member at the current position, if that is a rung not scored yet."""
        at = self.position.iteration
        if at in self.curves.ladder and at not in self.rungs:
            counts, budget = self.cohort.experiment.problem.judging.rung_counts, self.curves.ladder[at]
            outcomes = (self.outcome(member, samples, counts) for member, samples in self.samples())
            self.rungs[at] = [rung(at, budget, end, scores) for end, scores in outcomes]

    def samples(self) -> Iterator[tuple[int, Tensor]]:
        """Yield each member with its current samples [N, *data]."""
        yield from enumerate(self.group.sample(self.position.state, samples_needed(self.cohort.experiment.problem)))

    def outcome(
        self, member: int, samples: Tensor, counts: Mapping[str, int] | None = None
    ) -> tuple[Diagnosis, RunScores]:
        """Return how a run of the iterations so far ended for one member, and its scores unless it diverged."""
        at, ended = self.position.iteration, int(self.position.state.ended[member])
        end = diagnose(self.curves.at(member, at), at, ended)
        if end.state == "diverged":
            return end, RunScores()
        problem, seed = self.cohort.experiment.problem, self.cohort.runs[member].seed
        scores = evaluate_samples(problem, self.data, samples, seed, counts)
        labels = self.group.labels("evaluation", len(samples))
        if labels is not None:
            add_label_accuracy(scores, self.data, samples, labels[member].argmax(1))
        return with_observations(end, self.curves.at(member, at), missing_modes(scores)), scores

    def keep(self) -> None:
        """Write a checkpoint after an interrupt; if that fails, the last one remains."""
        if self.finished:
            return
        self.curves.add(self.position)  # in case the interrupt came before `run` did so
        try:
            self.save()
        except StoreError as error:
            LOG.warning("Could not write a checkpoint: %s", error)


def train_group(cohort: Cohort, data: Data, root: Path, request: Request, report: Report) -> list[Record]:
    """Train a group, evaluate its members, and write the records."""
    data = on_device(data, request.device)
    training = GroupTraining.begin(cohort, data, root, request)
    stored = _stored(cohort, root)
    runs = [None if run.key in stored else _started(run, root) for run in cohort.runs]
    with Trackers(request.log_to, runs) as trackers:
        try:
            training.run(report, trackers)
            return _finish(training, trackers, report)
        except (Interrupted, KeyboardInterrupt):
            training.keep()
            raise


def _started(run: Run, root: Path) -> Started:
    experiment = run.experiment
    return Started(experiment.problem.name, experiment.row, run.seed, run.key, _directory(run, root), run.identity)


def _directory(run: Run, root: Path) -> Path:
    return run_directory(root, run.experiment.problem.name, run.experiment.row, run.seed, run.key)


def _stored(cohort: Cohort, root: Path) -> dict[str, Record]:
    """Return the records of members that were trained in another group, whose numbers differ from this one's."""
    return recorded(root, {run.key: _directory(run, root) for run in cohort.runs})


def _finish(training: GroupTraining, trackers: Trackers, report: Report) -> list[Record]:
    """Evaluate the members, and write their records and files.

    A member on record was trained only to complete the group: its files are not changed, and its record is returned.
    """
    cohort, root = training.cohort, training.root
    compute = cost(training.group, training.seconds)
    records = _stored(cohort, root)
    for member, samples in training.samples():
        report(cohort.experiment.iterations + member)
        run = cohort.runs[member]
        if run.key in records:
            continue
        end, scores = training.outcome(member, samples)
        group_facts = {"key": cohort.key, "members": len(cohort.runs), "position": member}
        rungs = [row[member] for row in training.rungs.values()]
        record = record_of(run, end, scores, compute=compute, group=group_facts, rungs=rungs)
        kept = samples[:SAMPLES_KEPT].cpu()
        write_record(root, record, _files(training, record, member, kept))
        trackers.finish(member, kept.numpy(), record)
        records[run.key] = record
    report(cohort.experiment.iterations + len(cohort.runs))
    training.finished = True
    (cohort.directory(root) / CHECKPOINT).unlink(missing_ok=True)
    records |= _stored(cohort, root)  # another process may have recorded one first
    return [records[run.key] for run in cohort.runs]


def _files(training: GroupTraining, record: Record, member: int, samples: Tensor) -> dict[str, bytes]:
    """Return the files saved with a member's record: its curve, samples [N, *data], weights and picture."""
    curves, request = training.curves, training.request
    last = record.end.iteration if record.end.state == "diverged" else training.cohort.experiment.iterations
    assert last is not None
    files = {CURVE: curves.file_of(member, last), SAMPLES: samples_bytes(samples.numpy())}
    if request.keep_generators:
        files[GENERATOR] = generator_bytes(training.group, training.position.state, member)
    return files | (_picture(record, samples, curves.of(member), curves.data) if request.pictures else {})


def _picture(record: Record, samples: Tensor, curve: list[dict[str, float]], data: Data) -> dict[str, bytes]:
    truth = as_floats(data.truth.reference[:POINTS])
    drawn = picture_or_none(record, samples[:POINTS].numpy(), curve, truth.cpu().numpy())
    return {} if drawn is None else {PICTURE: drawn}


def run_control(
    run: Run, data: Data, root: Path, drawn: Callable[[], None], *, device: str = "cpu", pictures: bool = False
) -> Record:
    """Draw the samples of a control, call `drawn`, judge them on a device, and write its record."""
    problem = run.experiment.problem
    samples = control_samples(run.experiment.row, problem, data, run.seed, samples_needed(problem))
    drawn()
    scores = evaluate_samples(problem, on_device(data, device), samples.to(device), run.seed)
    record = record_of(run, Diagnosis("ok", 0), scores, compute={}, group={})
    files = {SAMPLES: samples_bytes(samples.numpy())}
    write_record(root, record, files | (_picture(record, samples, [], data) if pictures else {}))
    return record
