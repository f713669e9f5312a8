"""From a request to runs, each with its complete configuration and the key that follows from it.

request     what a user requests: problems, objectives, seeds
entry       an objective on one problem, with its training settings
experiment  an entry or a control on a problem's data: a future row of the leaderboard
run         one seed of an experiment; its record is what is stored
plan        all runs of a request
cohort      runs of a plan that train together, as one `benchmark.engine` group
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from benchmark.engine.trial import why_alone
from benchmark.problems import Data, Problem, on_network, problem_of
from benchmark.runner.entry import Entry, check_settings, cost_of, entry_of
from benchmark.runner.experiment import Experiment, Run, control_experiment, experiment_of, facts_of
from benchmark.runner.faults import Faults
from benchmark.runner.progress import Progress, silent
from benchmark.runner.request import Request
from benchmark.runner.sweep import settings_of
from benchmark.runner.trackers import tracker_of
from evaluators.outside import try_out

Loading = Callable[[Problem, Path], Data]  # problem, cache


def load_data(problem: Problem, cache: Path) -> Data:
    """Return a problem's own data."""
    return problem.load(cache)


def load_shown(problem: Problem, cache: Path, progress: Progress) -> Data:
    """Return a problem's own data, showing progress."""
    with progress.loading(problem.name):
        return load_data(problem, cache)


@dataclass(frozen=True)
class Plan:
    """All runs of a request, the data of its problems, and a sentence for each objective that cannot be trained."""

    request: Request
    runs: tuple[Run, ...]
    data: Mapping[str, Data]
    faults: tuple[str, ...] = ()
    load: Loading = load_data  # how another process loads a problem's data


def plan(request: Request, cache: Path, progress: Progress | None = None) -> Plan:
    """Expand a request, showing progress of loading; all user errors are raised before anything is written."""
    for name in request.log_to:
        tracker_of(name)
    problems = problems_of(request)
    faults = Faults()
    entries: dict[str, list[Entry]] = {name: [] for name in problems}
    for name, problem in problems.items():
        for objective, one in product(request.objectives, settings_one_by_one(request)):
            with faults.collected():
                entries[name].append(entry_of(problem, objective, one))
    faults.check(any(entries.values()))
    if not faults.sentences:  # else a setting may belong to an objective that could not be read
        check_settings(request, [entry.objective for rows in entries.values() for entry in rows])
    data = {name: load_shown(problem, cache, progress or silent()) for name, problem in problems.items()}
    for name, problem in problems.items():
        for evaluator, chosen in problem.judging.further.items():
            try_out(evaluator, chosen, data[name].truth)
    problems = {name: problem.fitted(data[name]) for name, problem in problems.items()}
    runs: dict[str, Run] = {}
    for name, problem in problems.items():
        about = facts_of(problem, data[name], request)
        experiments = []
        for entry in entries[name]:
            with faults.collected():
                experiments.append(_objective_experiment(problem, entry, request, about, data[name]))
        experiments += [control_experiment(problem, control, about) for control in problem.controls]
        for experiment in experiments:
            runs |= {run.key: run for run in experiment.runs(request.seeds)}
    faults.check(any(run.experiment.objective is not None for run in runs.values()))
    return Plan(request, tuple(runs.values()), data, tuple(faults.sentences))


def settings_one_by_one(request: Request) -> list[Request]:
    """Return a request for each combination of a sweep's values, set as `--set` would."""
    return [
        replace(request, overrides={**request.overrides, **settings}, sweep={})
        for settings in settings_of(request.sweep)
    ]


def _objective_experiment(
    problem: Problem, entry: Entry, request: Request, about: Mapping[str, Any], data: Data
) -> Experiment:
    cost = cost_of(entry)
    if request.iterations is not None:
        iterations, budget = request.iterations, request.iterations * cost
    else:  # the remainder, less than one iteration, is not spent
        budget = budget_of(problem, request)
        iterations = max(1, budget // cost)
    alone = why_alone(problem, entry.objective, entry.training, data)
    return experiment_of(problem, entry, about, request.track, iterations, budget, alone=alone)


def budget_of(problem: Problem, request: Request) -> int:
    """Return the gradient evaluations of every run of a request on a problem, if it does not set iterations."""
    if isinstance(request.budget, int):
        return request.budget
    return problem.budget.quick if request.budget == "quick" else problem.budget.gradient_evaluations


def problems_of(request: Request) -> dict[str, Problem]:
    """Return the problems of a request, with its networks, data directory and evaluators."""
    named = [problem_of(one).configured(request.network, request.data_directory) for one in request.problems]
    if request.features is not None:
        named = [on_network(problem, request.features) for problem in named]
    return {problem.name: problem.judged_by(request.evaluators) for problem in named}
