"""What is run: the trials of a wave, and at the end the best setting of each objective.

Plans can be made again in another process, from the tuning and the settings that were asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.engine.trial import why_alone
from benchmark.problems import Data, Problem
from benchmark.runner.faults import Faults
from benchmark.runner.plan import (
    Draft,
    Plan,
    Run,
    Subject,
    control_subject,
    cost_of,
    draft_of,
    facts_of,
    problems_of,
    subject_of,
)
from benchmark.runner.request import Request
from benchmark.tune.sampling import seed_of
from benchmark.tune.space import Space, space_of
from benchmark.tune.trials import Judge, judges_of
from benchmark.tune.tuning import Tuning
from objectives import OBJECTIVES

Overrides = Mapping[str, str]  # settings as `--set` takes them


@dataclass(frozen=True)
class Entrant:
    """One objective before any trial."""

    spec: str
    start: Draft  # the settings of trial 0: the problem's, and the objective's as it was spelled
    space: Space
    seed: int  # of its search
    judges: tuple[Judge, ...]
    alone: str | None = None  # why members cannot train at once

    @property
    def label(self) -> str:
        """Return the row's name, whatever the settings."""
        return self.start.label


class Found(NamedTuple):
    """A trial that won."""

    number: int
    overrides: Overrides


def entrants_of(problem: Problem, data: Data, tuning: Tuning) -> tuple[list[Entrant], list[str]]:
    """List the objectives of a request, each game once, and a sentence for each that cannot play."""
    faults = Faults()
    entrants: dict[str, Entrant] = {}
    for spec in tuning.request.objectives:
        with faults.noted():
            entrant = _entrant(problem, data, spec, tuning)
            entrants.setdefault(entrant.label, entrant)
    faults.check(bool(entrants))
    return list(entrants.values()), faults.told


def _entrant(problem: Problem, data: Data, spec: str, tuning: Tuning) -> Entrant:
    start = draft_of(problem, spec, tuning.request)
    space = space_of(problem, start.objective, tuning.ranges)
    seed = seed_of(tuning.search_seed, problem.name, start.label)
    alone = why_alone(problem, start.objective, start.training, data)
    return Entrant(spec, start, space, seed, judges_of(problem, data, tuning.metric), alone)


def trial_runs(
    problem: Problem, data: Data, entrants: Sequence[Entrant], asked: Mapping[str, Sequence[Overrides]], tuning: Tuning
) -> dict[str, list[list[Run]]]:
    """Return by label the runs of each setting that was asked for, one for each selection seed."""
    request = trial_request(tuning)
    about = facts_of(problem, data, request)
    by_label = {entrant.label: entrant for entrant in entrants}
    return {
        label: [
            [Run(subject_at(problem, by_label[label], overrides, about, request), seed) for seed in request.seeds]
            for overrides in settings
        ]
        for label, settings in asked.items()
    }


def trial_plan(
    problem: Problem,
    data: Data,
    runs: Mapping[str, list[list[Run]]],
    asked: Mapping[str, Sequence[Overrides]],
    tuning: Tuning,
) -> Plan:
    """Plan the runs of a wave; where two trials are of one setting, they share them."""
    once = {run.key: run for settings in runs.values() for seeds in settings for run in seeds}
    again = partial(_trials_again, tuning, problem.name, asked)
    return Plan(tuple(once.values()), {problem.name: data}, again=again)


def _trials_again(tuning: Tuning, name: str, asked: Mapping[str, Sequence[Overrides]], cache: Path) -> Plan:
    problem = problems_of(tuning.request)[name]
    data = problem.selection(problem.load(cache))
    problem = problem.fitted(data)
    entrants, _ = entrants_of(problem, data, tuning)
    return trial_plan(problem, data, trial_runs(problem, data, entrants, asked, tuning), asked, tuning)


def report_plan(
    problem: Problem, data: Data, entrants: Sequence[Entrant], found: Mapping[str, Found], tuning: Tuning
) -> Plan:
    """Plan what was found for each objective on the report's seeds and the problem's own data, and the controls."""
    about = facts_of(problem, data, tuning.request)
    subjects = [_tuned(problem, entrant, found[entrant.label], about, tuning) for entrant in entrants]
    subjects += [control_subject(problem, control, about) for control in problem.controls]
    runs = [Run(subject, seed) for subject in subjects for seed in tuning.request.seeds]
    again = partial(_report_again, tuning, problem.name, found)
    return Plan(tuple(runs), {problem.name: data}, again=again)


def _report_again(tuning: Tuning, name: str, found: Mapping[str, Found], cache: Path) -> Plan:
    problem = problems_of(tuning.request)[name]
    data = problem.load(cache)
    problem = problem.fitted(data)
    entrants, _ = entrants_of(problem, data, tuning)
    return report_plan(problem, data, entrants, found, tuning)


def trial_request(tuning: Tuning) -> Request:
    """Return the request that trials are run by."""
    return dataclasses.replace(tuning.request, seeds=tuning.seeds)


def budget_of(problem: Problem, request: Request) -> int:
    """Return the gradient evaluations that every trial and every run may spend."""
    if request.iterations is None:
        return problem.budget.gradient_evaluations
    return request.iterations * cost_of(Draft(OBJECTIVES["ns"](), problem.training, ""))


def subject_at(
    problem: Problem, entrant: Entrant, overrides: Overrides, about: Mapping[str, Any], request: Request
) -> Subject:
    """Return an objective under the settings of a trial, with as many iterations as the budget pays for."""
    both = {**request.overrides, **overrides}
    draft = draft_of(problem, entrant.spec, dataclasses.replace(request, overrides=both))
    budget = budget_of(problem, request)
    iterations = max(1, budget // cost_of(draft))
    named = draft._replace(label=entrant.label)
    return subject_of(problem, named, about, "tuned", iterations, budget, alone=entrant.alone)


def _tuned(problem: Problem, entrant: Entrant, found: Found, about: Mapping[str, Any], tuning: Tuning) -> Subject:
    """Name the search in a subject's identity, and its budget in what must be equal within a table."""
    subject = subject_at(problem, entrant, found.overrides, about, tuning.request)
    budget = tuning.searched(entrant.judges[0].metric)
    facts = budget | {"seed": tuning.search_seed, "trial": found.number}
    return dataclasses.replace(
        subject,
        facts={**subject.facts, "search": facts},
        comparable={**subject.comparable, "search": budget},
    )
