"""What samples made elsewhere are scored against: a problem under its protocol, or a reference set in its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.networks import Shape
from benchmark.problems import Data, Problem
from benchmark.problems.reference import COUNT, reference_problem
from benchmark.problems.sample_set import LAYOUTS, Arrange, sample_set
from benchmark.problems.stored import stored
from benchmark.runner.experiment import control_experiment, facts_of
from benchmark.runner.plan import Plan, load_shown, problems_of
from benchmark.runner.progress import Progress
from benchmark.runner.request import Request
from benchmark.runner.run import carry_out
from benchmark.store import Record
from evaluators import EVALUATORS
from evaluators.outside import named_evaluator, try_out
from objectives.foundation.names import quote

CONTROLS = "controls"  # the directory in the cache of controls that were drawn for a score
DRAWN = ("oracle", "untrained")  # controls that are drawn if none is on record; the others take minutes


@dataclass(frozen=True)
class ScoringTask:
    """A problem with all that scoring a set of samples needs."""

    problem: Problem
    data: Data
    request: Request
    facts: Mapping[str, Any]  # what all sets scored here share, see `facts_of`
    shape: Shape  # of the samples to be scored
    arrange: Arrange | None = None  # applied to them first; None for a problem, whose samples are kept as they are


@dataclass(frozen=True)
class Reference:
    """Samples to score against in a problem's place."""

    samples: Any
    features: str | None = None  # that images are compared by
    count: int = COUNT  # samples evaluated on each side


def reference_of(samples: Any, features: str | None, count: int | None) -> Reference | None:
    """Return the reference that a user set, if any; raise UserError for a count without one."""
    if samples is None:
        if count is not None:
            raise UserError("A problem sets its own number of samples; a count needs a reference.")
        return None
    return Reference(samples, features, COUNT if count is None else count)


def problem_task(request: Request, cache: Path, progress: Progress) -> ScoringTask:
    """Return the task of the one problem of a request, with the request's further evaluators."""
    (problem,) = problems_of(request).values()
    data = load_shown(problem, cache, progress)
    return _task(problem, data, request, problem.source.image or problem.source.shape)


def reference_task(
    reference: Reference, layout: str | None, request: Request, cache: Path, progress: Progress
) -> ScoringTask:
    """Return the task of a reference set; evaluators named by the request replace all that apply to it."""
    samples = sample_set(stored(reference.samples, name="the reference"), None, known_layout(layout))
    problem, arrange, applicable = reference_problem(samples, reference.features, request.features, reference.count)
    if request.evaluators:
        problem = _with_only(request.evaluators, problem, applicable, reference.count)
    return _task(problem, load_shown(problem, cache, progress), request, samples.shape, arrange)


def _with_only(evaluators: Sequence[Any], problem: Problem, applicable: Sequence[str], count: int) -> Problem:
    """Return the problem of a reference with no evaluators but the given ones."""
    further = problem.judged_by(evaluators).judging.further
    named = {named_evaluator(one)[0] for one in evaluators}
    unfit = sorted(name for name in further if name in EVALUATORS and name not in applicable)
    if unfit:
        raise UserError(
            f"The evaluator {quote(unfit[0])} does not apply to this reference; "
            f"use one of {', '.join(sorted(applicable))}."
        )
    kept = {name: count for name in problem.judging.evaluators if name in named}
    judging = dataclasses.replace(problem.judging, evaluators=kept or {"frechet": count}, further=further)
    return dataclasses.replace(problem, judging=judging)


def _task(problem: Problem, data: Data, request: Request, shape: Shape, arrange: Arrange | None = None) -> ScoringTask:
    for name, evaluator in problem.judging.further.items():
        try_out(name, evaluator, data.truth)
    problem = problem.fitted(data)
    return ScoringTask(problem, data, request, facts_of(problem, data, request), shape, arrange)


def known_layout(layout: str | None) -> str | None:
    """Return a layout in capitals; raise UserError for an unknown one."""
    if layout is not None and layout.upper() not in LAYOUTS:
        raise UserError(f"The layout must be {' or '.join(LAYOUTS)}, not {quote(layout)}.")
    return None if layout is None else layout.upper()


def control_records(task: ScoringTask, known: Sequence[Record], cache: Path, progress: Progress) -> list[Record]:
    """Return the controls of a task: those on record, and an oracle and an untrained generator if they are not.

    What is drawn is kept in the cache.
    """
    problem = task.problem
    recorded = [record for record in known if record.kind == "control" and record.problem == problem.name]
    keys = {record.key for record in recorded}
    missing = [
        run
        for control in problem.controls
        if control in DRAWN
        for run in control_experiment(problem, control, task.facts).runs((0,))
        if run.key not in keys
    ]
    if not missing:
        return recorded
    planned = Plan(task.request, tuple(missing), {problem.name: task.data})
    return recorded + list(carry_out(planned, cache / CONTROLS, cache, progress).records)
