"""The runs of a search: the trials of a wave, and finally the best setting of each objective."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.engine.trial import why_alone
from benchmark.problems import Data, Problem
from benchmark.runner.entry import Entry, cost_of, entry_of
from benchmark.runner.experiment import Experiment, Run, control_experiment, experiment_of, facts_of
from benchmark.runner.faults import Faults
from benchmark.runner.plan import Plan, budget_of
from benchmark.runner.request import Request
from benchmark.tune.sampling import seed_of
from benchmark.tune.space import Space, space_of
from benchmark.tune.trials import Judge, judges_of
from benchmark.tune.tuning import Tuning
from objectives import OBJECTIVES, Objective
from objectives.spec import spelling

Overrides = Mapping[str, str]  # settings as `--set` takes them


@dataclass(frozen=True)
class Entrant:
    """One objective before any trial."""

    given: str | Objective
    start: Entry  # the settings of trial 0: the problem's, and those of the objective as given
    space: Space
    seed: int  # of its search
    judges: tuple[Judge, ...]
    alone: str | None = None  # why members cannot train at once

    @property
    def spec(self) -> str:
        """Return the objective's spelling."""
        return self.given if isinstance(self.given, str) else spelling(self.given)

    @property
    def label(self) -> str:
        """Return the row's name, the same for all settings."""
        return self.start.label


class Found(NamedTuple):
    """A trial that won."""

    number: int
    overrides: Overrides


def entrants_of(problem: Problem, data: Data, tuning: Tuning, faults: Faults) -> list[Entrant]:
    """List the distinct objectives of a request; those that cannot be trained are added to the faults."""
    entrants: dict[str, Entrant] = {}
    for spec in tuning.request.objectives:
        with faults.collected():
            entrant = _entrant(problem, data, spec, tuning)
            entrants.setdefault(entrant.label, entrant)
    return list(entrants.values())


def _entrant(problem: Problem, data: Data, given: str | Objective, tuning: Tuning) -> Entrant:
    start = entry_of(problem, given, tuning.request)
    space = space_of(problem, start.objective, tuning.ranges)
    seed = seed_of(tuning.search_seed, problem.name, start.label)
    alone = why_alone(problem, start.objective, start.training, data)
    return Entrant(given, start, space, seed, judges_of(problem, data, tuning.metric), alone)


def trial_runs(
    problem: Problem,
    data: Data,
    entrants: Sequence[Entrant],
    wanted: Mapping[str, Sequence[Overrides]],
    tuning: Tuning,
) -> dict[str, list[list[Run]]]:
    """Return the runs of each wanted setting by the objective's label, one run for each selection seed."""
    request = trial_request(tuning)
    about = facts_of(problem, data, request)
    by_label = {entrant.label: entrant for entrant in entrants}
    return {
        label: [
            [Run(experiment_at(problem, by_label[label], overrides, about, request), seed) for seed in request.seeds]
            for overrides in settings
        ]
        for label, settings in wanted.items()
    }


def trial_plan(problem: Problem, data: Data, runs: Mapping[str, list[list[Run]]], tuning: Tuning) -> Plan:
    """Plan the runs of a wave; trials with equal settings share their runs."""
    unique = {run.key: run for settings in runs.values() for seeds in settings for run in seeds}
    return Plan(trial_request(tuning), tuple(unique.values()), {problem.name: data}, load=load_selection)


def load_selection(problem: Problem, cache: Path) -> Data:
    """Return the data on which a problem's settings are chosen."""
    return problem.selection(problem.load(cache))


def report_plan(
    problem: Problem, data: Data, entrants: Sequence[Entrant], found: Mapping[str, Found], tuning: Tuning
) -> Plan:
    """Plan the best setting of each objective, and the controls, on the reported seeds and the problem's own data."""
    about = facts_of(problem, data, tuning.request)
    experiments = [_tuned(problem, entrant, found[entrant.label], about, tuning) for entrant in entrants]
    experiments += [control_experiment(problem, control, about) for control in problem.controls]
    runs = [Run(experiment, seed) for experiment in experiments for seed in tuning.request.seeds]
    return Plan(tuning.request, tuple(runs), {problem.name: data})


def trial_request(tuning: Tuning) -> Request:
    """Return the request of the trials: their own seeds, and their own budget if they have one."""
    budget = tuning.request.budget if tuning.trial_budget is None else tuning.trial_budget
    return dataclasses.replace(tuning.request, seeds=tuning.seeds, budget=budget)


def searched_by(problem: Problem, entrant: Entrant, tuning: Tuning) -> dict[str, Any]:
    """Return the facts of a search that must be equal for two tuned rows to share a table."""
    return tuning.searched(entrant.judges[0].metric, gradients_of(problem, trial_request(tuning)))


def gradients_of(problem: Problem, request: Request) -> int:
    """Return the gradient evaluations of every run of a request."""
    if request.iterations is None:
        return budget_of(problem, request)
    return request.iterations * cost_of(Entry(OBJECTIVES["ns"](), problem.training, ""))


def experiment_at(
    problem: Problem, entrant: Entrant, overrides: Overrides, about: Mapping[str, Any], request: Request
) -> Experiment:
    """Return an objective under the settings of a trial, with as many iterations as its budget allows."""
    both = {**request.overrides, **overrides}
    entry = entry_of(problem, entrant.given, dataclasses.replace(request, overrides=both))
    budget = gradients_of(problem, request)
    iterations = max(1, budget // cost_of(entry))
    named = entry._replace(label=entrant.label)
    return experiment_of(problem, named, about, "tuned", iterations, budget, alone=entrant.alone)


def _tuned(problem: Problem, entrant: Entrant, found: Found, about: Mapping[str, Any], tuning: Tuning) -> Experiment:
    """Return the best trial's experiment, with the search in its identity and in what must be equal in a table."""
    experiment = experiment_at(problem, entrant, found.overrides, about, tuning.request)
    searched = searched_by(problem, entrant, tuning)
    facts = searched | {"seed": tuning.search_seed, "trial": found.number}
    return dataclasses.replace(
        experiment,
        facts={**experiment.facts, "search": facts},
        comparable={**experiment.comparable, "search": searched},
    )
