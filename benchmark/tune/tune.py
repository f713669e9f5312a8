"""Search every objective with one budget, then run the best of each on seeds and data that no trial saw."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.problems import Data, Problem
from benchmark.runner.executors import Executor
from benchmark.runner.faults import Faults
from benchmark.runner.plan import load_shown, problems_of
from benchmark.runner.progress import Progress
from benchmark.runner.run import carry_out
from benchmark.stats import BestOf
from benchmark.store import Record, identity_key, write_atomically
from benchmark.tune.plans import Found, entrants_of, gradients_of, report_plan, searched_by
from benchmark.tune.sampling import imported
from benchmark.tune.search import Search, search
from benchmark.tune.summary import Sensitivity, curve_of, sensitivity_of
from benchmark.tune.trials import Trial
from benchmark.tune.tuning import Tuning

TRIALS, SEARCHES = "tune", "searches"  # directories of a results directory that leaderboards do not read


@dataclass(frozen=True)
class Finding:
    """What the search of one objective on one problem found, judged on the selection data."""

    problem: str
    objective: str  # the row's label
    spec: str  # as requested
    metrics: tuple[str, ...]  # by which trials were ordered
    trials: tuple[Trial, ...]
    best: Trial
    curve: tuple[BestOf, ...]
    sensitivity: Sensitivity
    command: str  # that runs the best setting

    def plain(self) -> dict[str, Any]:
        """Return the finding as plain values for JSON; a trial's runs are given by seed and key."""
        content = dataclasses.asdict(self)
        content["trials"] = [_plain(trial, self.metrics) for trial in self.trials]
        content["best"] = self.best.number
        return content


@dataclass(frozen=True)
class Tuned:
    """All findings, the records of the report's runs, and a sentence for each objective that could not play."""

    findings: tuple[Finding, ...]
    records: tuple[Record, ...]
    unfinished: int
    faults: tuple[str, ...] = ()


def tune(tuning: Tuning, root: Path, cache: Path, progress: Progress, executor: Executor | None = None) -> Tuned:
    """Tune and report; runs on record under `root` are not repeated. Trials are in a separate directory there."""
    imported()  # report a missing package first
    findings: list[Finding] = []
    records: list[Record] = []
    unfinished, faults = 0, Faults()
    problems = problems_of(tuning.request)
    whole = {name: load_shown(problem, cache, progress) for name, problem in problems.items()}
    parts = {name: problem.selection(whole[name]) for name, problem in problems.items()}
    fitted = {name: problem.fitted(parts[name]) for name, problem in problems.items()}
    entrants = {name: entrants_of(problem, parts[name], tuning, faults) for name, problem in fitted.items()}
    faults.check(any(entrants.values()))
    for fault in faults.sentences:
        progress.note(fault)
    for name in filter(entrants.get, problems):
        problem, data, chosen = problems[name], whole[name], parts[name]
        searches = search(fitted[name], chosen, entrants[name], tuning, root / TRIALS, cache, progress, executor)
        for one in searches:
            findings.append(_finding(name, one, tuning))
            _write(root, findings[-1], one, problem, chosen, tuning)
        found = {one.entrant.label: Found(one.best.number, one.best.overrides) for one in searches}
        planned = report_plan(problem.fitted(data), data, entrants[name], found, tuning)
        outcome = carry_out(planned, root, cache, progress, executor)
        records += outcome.records
        unfinished += outcome.unfinished
    return Tuned(tuple(findings), tuple(records), unfinished, tuple(faults.sentences))


def _finding(problem: str, one: Search, tuning: Tuning) -> Finding:
    return Finding(
        problem=problem,
        objective=one.entrant.label,
        spec=one.entrant.spec,
        metrics=tuple(judge.metric for judge in one.entrant.judges),
        trials=tuple(one.trials),
        best=one.best,
        curve=tuple(curve_of(one, tuning.sampler)),
        sensitivity=sensitivity_of(one),
        command=_command(problem, one, tuning),
    )


def _command(problem: str, one: Search, tuning: Tuning) -> str:
    words = ["gan-bench", "run", "-o", one.entrant.spec, "-p", problem]
    words += [word for name, text in one.best.overrides.items() for word in ("--set", f"{name}={text}")]
    words += [word for name, text in tuning.request.overrides.items() for word in ("--set", f"{name}={text}")]
    for option, value in (
        ("--network", tuning.request.network),
        ("--data-dir", tuning.request.data_directory),
        ("--features", None if tuning.request.features is None else tuning.request.features.name),
        ("--weights", None if tuning.request.features is None else tuning.request.features.weights),
    ):
        words += [] if value is None else [option, str(value)]
    if tuning.request.budget != "quick":
        words += ["--budget", str(tuning.request.budget)]
    if tuning.request.iterations is not None:
        words += ["--iterations", str(one.best.records[0].identity["iterations"])]
    return shlex.join(words)


def _write(root: Path, finding: Finding, one: Search, problem: Problem, data: Data, tuning: Tuning) -> None:
    """Write the result of a search and its trials to a file below `root`."""
    facts = {
        "problem": finding.problem,
        "objective": finding.objective,
        "data": data.digest(),
        "gradient_evaluations": gradients_of(problem, tuning.request),
        "search": searched_by(problem, one.entrant, tuning),
        "seed": tuning.search_seed,
        "optuna": imported().__version__,
        "space": {name: dataclasses.asdict(domain) for name, domain in one.entrant.space.items()},
    }
    path = root / TRIALS / SEARCHES / f"{identity_key(facts)}.json"
    write_atomically(path, (json.dumps(facts | finding.plain(), indent=1) + "\n").encode())


def _plain(trial: Trial, metrics: Sequence[str]) -> Mapping[str, Any]:
    return {
        "number": trial.number,
        "settings": dict(trial.overrides),
        "point": dict(trial.point),
        "failed": trial.failed,
        "means": {metric: trial.mean(metric) for metric in metrics},
        "runs": {str(record.seed): {"key": record.key, "state": record.end.state} for record in trial.records},
    }
