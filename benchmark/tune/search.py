"""The search of one problem: waves of trials, each wave packed into groups over settings and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmark.errors import UserError
from benchmark.problems import Data, Problem
from benchmark.runner.executors import Executor
from benchmark.runner.progress import Progress
from benchmark.runner.run import Outcome, carry_out
from benchmark.store import Record
from benchmark.tune.plans import Entrant, trial_plan, trial_runs
from benchmark.tune.sampling import Ranked, ask
from benchmark.tune.space import start_of
from benchmark.tune.trials import Trial, best_of, ranked
from benchmark.tune.tuning import Tuning
from objectives.foundation.settings import text_of

WAVE = 8  # trials that TPE proposes before it sees the result of any of them


class Proposal(NamedTuple):
    """A trial that has not been run."""

    number: int
    point: dict[str, float]
    overrides: dict[str, str]


@dataclass
class Search:
    """One objective's search so far."""

    entrant: Entrant
    trials: list[Trial] = field(default_factory=list)

    @property
    def best(self) -> Trial:
        """Return the best trial so far."""
        return best_of(self.trials, self.entrant.judges)

    def proposals(self, tuning: Tuning, origin: Mapping[str, float]) -> list[Proposal]:
        """Return the trials of the next wave: all remaining ones, or a few for TPE, which learns; trial 0 is first."""
        done = len(self.trials)
        left = tuning.trials - done
        count = min(left, WAVE) if tuning.sampler == "tpe" else left
        if count == 0:
            return []
        first = [Proposal(0, dict(origin), {})] if done == 0 else []
        ranks = ranked(self.trials, self.entrant.judges)
        finished = [Ranked(trial.point, rank) for trial, rank in zip(self.trials, ranks, strict=True) if trial.point]
        points = ask(self.entrant.space, finished, count - len(first), tuning.sampler, self.entrant.seed)
        return first + [
            Proposal(number, point, {name: text_of(value) for name, value in point.items()})
            for number, point in enumerate(points, done + len(first))
        ]


def search(
    problem: Problem,
    data: Data,
    entrants: Sequence[Entrant],
    tuning: Tuning,
    root: Path,
    cache: Path,
    progress: Progress,
    executor: Executor | None = None,
) -> list[Search]:
    """Search the settings of entrants on the selection data; trials on record under `root` are not run again."""
    searches = {entrant.label: Search(entrant) for entrant in entrants}
    while waves := {label: wave for label, one in searches.items() if (wave := _wave(one, problem, tuning))}:
        wanted = {label: [proposal.overrides for proposal in wave] for label, wave in waves.items()}
        runs = trial_runs(problem, data, entrants, wanted, tuning)
        planned = trial_plan(problem, data, runs, tuning)
        records = _records(carry_out(planned, root, cache, progress, executor))
        for label, wave in waves.items():
            for (number, point, overrides), seeds in zip(wave, runs[label], strict=True):
                finished = tuple(records[run.key] for run in seeds)
                searches[label].trials.append(Trial(number, point, overrides, finished))
    return list(searches.values())


def _wave(one: Search, problem: Problem, tuning: Tuning) -> list[Proposal]:
    origin = start_of(one.entrant.space, one.entrant.start.objective, problem.training)
    return one.proposals(tuning, origin)


def _records(outcome: Outcome) -> dict[str, Record]:
    if outcome.unfinished:
        why = "; ".join(outcome.faults) or "repeat the command to resume them"
        raise UserError(f"{outcome.unfinished} runs of the search are not finished: {why}.")
    return {record.key: record for record in outcome.records}
