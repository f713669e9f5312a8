"""From a request to runs: each with all that is asked of it, and the key that follows from that."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from benchmark.engine.dynamics import DYNAMICS
from benchmark.engine.group import VARYING, couples_gradients, dynamics_for, schedules_for
from benchmark.engine.optimisers import OPTIMISERS
from benchmark.engine.schedules import SCHEDULES
from benchmark.engine.trial import why_alone
from benchmark.errors import LeftOut, UserError
from benchmark.names import resolve, shown
from benchmark.problems import Data, Problem, Training, on_inception, problem_of
from benchmark.runner.faults import Faults
from benchmark.runner.request import Request, Track
from benchmark.store import canonical_json, identity_key
from objectives import Objective
from objectives.base import bind, float_fields
from objectives.foundation.errors import PluginError
from objectives.foundation.settings import value_of
from objectives.spec import canonical, parse, settable, spelling

AnyTrack = Track | Literal["tuned"]
PROTOCOL = 2  # raised when the same request would give other numbers
# What all rows of a table share; only problems from outside have an origin.
SHARED = ("protocol", "data", "evaluators", "origin")


@dataclass(frozen=True)
class Subject:
    """A row of the leaderboard to be: an objective under its settings, or a control, on one problem."""

    problem: Problem
    row: str
    track: AnyTrack | None  # None: a control stands in every track's table
    facts: Mapping[str, Any]  # the identity, but for the seed
    comparable: Mapping[str, Any]
    objective: Objective | None  # None: a control
    training: Training
    iterations: int
    alone: str | None = None  # why members cannot train at once

    @cached_property
    def shape(self) -> str:
        """Return what members of one group must have in common: all but the seed and the float settings."""
        facts = dict(self.facts)
        if self.objective is not None:
            blank: dict[str, Any] = dict.fromkeys(float_fields(self.objective), 0.0)
            facts["objective"] = canonical(bind(self.objective, blank))
            facts["training"] = {name: value for name, value in facts["training"].items() if name not in VARYING}
        return canonical_json(facts)


@dataclass(frozen=True)
class Run:
    """One seed of a subject."""

    subject: Subject
    seed: int

    @property
    def identity(self) -> dict[str, Any]:
        """Return all that was asked of the run, which says of what experiment its numbers are a draw.

        The runs it trained beside are left out, though products of another number of members round otherwise and a game
        grows a last bit into other scores: these are another draw of the same experiment.
        """
        return {**self.subject.facts, "seed": self.seed}

    @property
    def key(self) -> str:
        """Return the hash of the identity."""
        return identity_key(self.identity)


@dataclass(frozen=True)
class Plan:
    """All runs of a request, with the data of its problems, and a sentence for each objective that cannot play."""

    runs: tuple[Run, ...]
    data: Mapping[str, Data]
    faults: tuple[str, ...] = ()
    again: Callable[[Path], Plan] | None = None  # makes it in another process, given the cache; None: from its request


def plan(request: Request, cache: Path) -> Plan:
    """Expand a request; everything a user can get wrong is found here, before anything is written."""
    problems = problems_of(request)
    faults = Faults()
    drafts: dict[str, list[Draft]] = {name: [] for name in problems}
    for name, problem in problems.items():
        for spec in request.objectives:
            with faults.noted():
                drafts[name].append(draft_of(problem, spec, request))
    faults.check(any(drafts.values()))
    if not faults.told:  # else a setting may be that of an objective that could not be read
        _check_overrides(request, [draft.objective for rows in drafts.values() for draft in rows])
    data = {name: problem.load(cache) for name, problem in problems.items()}
    problems = {name: problem.fitted(data[name]) for name, problem in problems.items()}
    runs: dict[str, Run] = {}
    for name, problem in problems.items():
        about = facts_of(problem, data[name], request)
        subjects = []
        for draft in drafts[name]:
            with faults.noted():
                subjects.append(_objective_subject(problem, draft, request, about, data[name]))
        subjects += [control_subject(problem, control, about) for control in problem.controls]
        for subject in subjects:
            runs |= {run.key: run for run in (Run(subject, seed) for seed in request.seeds)}
    faults.check(any(run.subject.objective is not None for run in runs.values()))
    return Plan(tuple(runs.values()), data, tuple(faults.told))


def problems_of(request: Request) -> dict[str, Problem]:
    """Return the problems that a request names, on the networks and the data that it chose."""
    named = [problem_of(name).configured(request.network, request.data_directory) for name in request.problems]
    if request.inception_weights is not None:
        named = [on_inception(problem, request.inception_weights) for problem in named]
    return {problem.name: problem.judged_by(request.evaluators) for problem in named}


def facts_of(problem: Problem, data: Data, request: Request) -> dict[str, Any]:
    """Return what every run on a problem shares: the protocol, the data, the evaluators, the arithmetic."""
    extractor = data.truth.extractor
    return {
        "protocol": PROTOCOL,
        "problem": problem.name,
        "data": data.digest(),
        "evaluators": problem.judging.counts | ({"features": extractor.fingerprint} if extractor else {}),
        "arithmetic": request.arithmetic,
    } | ({"origin": dict(problem.origin)} if problem.origin else {})


class Draft(NamedTuple):
    """An objective as a problem plays it, its training settings, and its label."""

    objective: Objective
    training: Training
    label: str


def draft_of(problem: Problem, spec: str, request: Request) -> Draft:
    """Build the objective and the training settings, with the problem's scales and the user's overrides.

    The label leaves out what the problem sets by its own scale, so that EBGAN is `ebgan` on every problem.
    """
    try:
        objective = parse(spec, scales=problem.budget.scales, overrides=request.overrides)
        label = spelling(objective, scales=problem.budget.scales)
        base = track_settings(problem, objective, request.track)
        training = _named(_training(base, request.overrides, objective))
        schedules_for(training)
    except PluginError as error:
        raise LeftOut(f"{error}.") from error
    except ValueError as error:
        raise UserError(str(error)) from error
    changed = [
        f"{field.name}={getattr(training, field.name)}"
        for field in dataclasses.fields(training)
        if getattr(training, field.name) != getattr(base, field.name)
    ]
    return Draft(objective, training, label + (" @" + ",".join(changed) if changed else ""))


def track_settings(problem: Problem, objective: Objective, track: str) -> Training:
    """Return a track's settings: the problem's own, or with those of the objective's paper in their place.

    Where that paper has another optimiser than the pair's, nothing of the pair's settings is left.
    """
    if track == "shared":
        return problem.training
    stated = {
        name: value for name, value in dataclasses.asdict(objective.traits.recommended).items() if value is not None
    }
    alike = stated.get("optimiser", problem.training.optimiser) == problem.training.optimiser
    return dataclasses.replace(problem.training if alike else problem.budget.training, **stated)


def _training(base: Training, overrides: Mapping[str, str], objective: Objective) -> Training:
    changes: dict[str, Any] = {}
    fields = {field.name: field for field in dataclasses.fields(Training)}
    for name, text in overrides.items():
        if name in settable(objective):
            continue
        for target in ("generator_learning_rate", "critic_learning_rate") if name == "learning_rate" else (name,):
            if target in fields:
                changes[target] = value_of(name, text, type(getattr(base, target)))
    return dataclasses.replace(base, **changes)


def _named(training: Training) -> Training:
    """Put the known names in the place of those that were typed, so that `Adam` is `adam` and one run has one key."""
    tables: dict[str, Iterable[str]] = {"optimiser": OPTIMISERS, "dynamics": DYNAMICS}
    tables |= dict.fromkeys(("learning_rate_schedule", "momentum_schedule"), SCHEDULES)
    changes: dict[str, Any] = {name: resolve(getattr(training, name), known, name) for name, known in tables.items()}
    return dataclasses.replace(training, **changes)


def _check_overrides(request: Request, objectives: Sequence[Objective]) -> None:
    """Refuse settings that nothing in the request has."""
    known = {"learning_rate"} | {field.name for field in dataclasses.fields(Training)}
    for objective in objectives:
        known |= settable(objective)
    for name in request.overrides:
        if name not in known:
            resolve(name, known, "setting")
            raise UserError(f"Write the setting {shown(name)} exactly as it is named.")


def _objective_subject(
    problem: Problem, draft: Draft, request: Request, about: Mapping[str, Any], data: Data
) -> Subject:
    cost = cost_of(draft)
    if request.iterations is not None:
        iterations, budget = request.iterations, request.iterations * cost
    else:  # what a whole iteration more would exceed is left, and still is the same budget
        iterations, budget = max(1, problem.budget.gradient_evaluations // cost), problem.budget.gradient_evaluations
    alone = why_alone(problem, draft.objective, draft.training, data)
    return subject_of(problem, draft, about, request.track, iterations, budget, alone=alone)


def _stated(training: Training) -> dict[str, Any]:
    """Return the settings as an identity states them: one generator step goes without saying, as it always did."""
    stated = dataclasses.asdict(training)
    if training.generator_steps == 1:
        del stated["generator_steps"]
    return stated


def cost_of(draft: Draft) -> int:
    """Return the gradient evaluations that one iteration takes."""
    return dynamics_for(draft.training, draft.objective).cost.gradients


def subject_of(
    problem: Problem,
    draft: Draft,
    about: Mapping[str, Any],
    track: AnyTrack,
    iterations: int,
    budget: int,
    *,
    alone: str | None,
) -> Subject:
    """Return the row of an objective; rows of one `budget`, in gradient evaluations, may stand in one table."""
    objective, training, label = draft
    facts = {
        **about,
        "kind": "objective",
        "objective": canonical(objective),
        "network": problem.network,
        "training": _stated(training),
        "track": track,
        "iterations": iterations,
    }
    if couples_gradients(problem, objective):
        facts["coupled_gradients"] = True
    comparable = {name: about[name] for name in SHARED if name in about}
    comparable |= {"network": problem.network, "gradient_evaluations": budget}
    return Subject(problem, label, track, facts, comparable, objective, training, iterations, alone)


def control_subject(problem: Problem, control: str, about: Mapping[str, Any]) -> Subject:
    """Return the row of a control, which leaves out of what is comparable all that does not concern it."""
    facts = {name: about[name] for name in ("problem", *SHARED) if name in about}
    comparable = {name: about[name] for name in SHARED if name in about}
    if control == "untrained":
        comparable |= {"network": problem.network}
    facts |= {"kind": "control", "control": control, "network": comparable.get("network", "none")}
    return Subject(problem, control, None, facts, comparable, None, problem.training, 0)
