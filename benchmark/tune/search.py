"""The search of one problem: waves of trials, each wave packed into groups over objectives' settings and seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.engine.trial import vectorises
from benchmark.errors import UserError
from benchmark.problems import Data, Problem
from benchmark.runner.plan import Draft, Plan, Run, Subject, cost_of, draft_of, facts_of, subject_of
from benchmark.runner.request import Request
from benchmark.runner.run import Outcome, carry_out
from benchmark.runner.work import Progress
from benchmark.store import Record
from benchmark.tune.sampling import Told, ask, seed_of
from benchmark.tune.space import Space, space_of, start_of
from benchmark.tune.trials import Judge, Trial, best_of, judges_of, ranked
from benchmark.tune.tuning import Tuning
from objectives import OBJECTIVES
from objectives.settings import text_of

WAVE = 8  # trials that TPE asks for before it hears of any of them


class Proposal(NamedTuple):
    """A trial that has not been made."""

    number: int
    point: dict[str, float]
    overrides: dict[str, str]


@dataclass
class Search:
    """One objective's search, as far as it has come."""

    spec: str
    start: Draft  # the settings of trial 0: the problem's, and the objective's as it was spelled
    space: Space
    seed: int
    judges: tuple[Judge, ...]
    together: bool  # members can train at once
    trials: list[Trial] = field(default_factory=list)

    @property
    def best(self) -> Trial:
        """Give the best trial so far."""
        return best_of(self.trials, self.judges)

    def proposals(self, tuning: Tuning, origin: Mapping[str, float]) -> list[Proposal]:
        """Give the trials of the next wave: all that are left, or a few where the sampler learns; trial 0 is first."""
        done = len(self.trials)
        left = tuning.trials - done
        count = min(left, WAVE) if tuning.sampler == "tpe" else left
        first = [Proposal(0, dict(origin), {})] if done == 0 and count > 0 else []
        told = [
            Told(trial.point, rank)
            for trial, rank in zip(self.trials, ranked(self.trials, self.judges), strict=True)
            if trial.point
        ]
        points = ask(self.space, told, count - len(first), tuning.sampler, self.seed) if count > 0 else []
        numbered = enumerate(points, done + len(first))
        return first + [
            Proposal(number, point, {name: text_of(value) for name, value in point.items()})
            for number, point in numbered
        ]


def search(problem: Problem, data: Data, tuning: Tuning, root: Path, cache: Path, progress: Progress) -> list[Search]:
    """Search every objective of a request on data for selection; trials on record under `root` are not made again."""
    request = dataclasses.replace(tuning.request, seeds=tuning.seeds, pictures=False)
    about = facts_of(problem, data, request)
    searches = [_begun(problem, data, spec, tuning) for spec in request.objectives]
    searches = list({search.start.label: search for search in searches}.values())
    while waves := {at: wave for at, one in enumerate(searches) if (wave := _wave(one, problem, tuning))}:
        runs = {
            (at, proposal.number): _runs(problem, searches[at], proposal, about, request)
            for at, wave in waves.items()
            for proposal in wave
        }
        once = {run.key: run for made in runs.values() for run in made}  # two trials may be of one setting
        planned = Plan(tuple(once.values()), {problem.name: data})
        records = _records(carry_out(planned, request, root, cache, progress))
        for at, wave in waves.items():
            for number, point, overrides in wave:
                own = tuple(records[run.key] for run in runs[at, number])
                searches[at].trials.append(Trial(number, point, overrides, own))
    return searches


def budget_of(problem: Problem, request: Request) -> int:
    """Give the gradient evaluations that every trial and every run may spend."""
    if request.iterations is None:
        return problem.gradient_evaluations
    return request.iterations * cost_of(Draft(OBJECTIVES["ns"](), problem.training, ""))


def subject_at(
    problem: Problem, one: Search, overrides: Mapping[str, str], about: Mapping[str, Any], request: Request
) -> Subject:
    """Give an objective under the settings of a trial, with as many iterations as the budget pays for."""
    draft = draft_of(problem, one.spec, dataclasses.replace(request, overrides=dict(overrides)))
    budget = budget_of(problem, request)
    iterations = max(1, budget // cost_of(draft))
    named = draft._replace(label=one.start.label)
    return subject_of(problem, named, about, "tuned", iterations, budget, together=one.together)


def _begun(problem: Problem, data: Data, spec: str, tuning: Tuning) -> Search:
    start = draft_of(problem, spec, tuning.request)
    space = space_of(problem, start.objective, tuning.ranges)
    seed = seed_of(tuning.search_seed, problem.name, start.label)
    together = vectorises(problem, start.objective, start.training, data)
    return Search(spec, start, space, seed, judges_of(problem, data, tuning.metric), together)


def _wave(one: Search, problem: Problem, tuning: Tuning) -> list[Proposal]:
    return one.proposals(tuning, start_of(one.space, one.start.objective, problem.training))


def _runs(problem: Problem, one: Search, proposal: Proposal, about: Mapping[str, Any], request: Request) -> list[Run]:
    subject = subject_at(problem, one, proposal.overrides, about, request)
    return [Run(subject, seed) for seed in request.seeds]


def _records(outcome: Outcome) -> dict[str, Record]:
    if outcome.unfinished:
        raise UserError(
            f"{outcome.unfinished} runs of the search are not finished; the same command goes on with them."
        )
    return {record.key: record for record in outcome.records}
