"""What is run: an experiment, which becomes a row of a leaderboard, and a run, which is one seed of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from uuid import uuid4

from benchmark.engine.fit import classes_of, couples_gradients
from benchmark.engine.group import VARYING
from benchmark.networks.outside import has_source
from benchmark.problems import Data, Problem, Training
from benchmark.runner.entry import Entry
from benchmark.runner.request import Request, Track
from benchmark.store import canonical_json, identity_key
from evaluators import EVALUATORS
from objectives import Objective
from objectives.base import bind, float_fields
from objectives.compose import parts
from objectives.foundation.source import is_outside, source_digest
from objectives.spec import canonical

AnyTrack = Track | Literal["tuned"]
PROTOCOL = 2  # raised when the same request would give other numbers
# What all rows of a table share; only problems from outside have an origin.
SHARED = ("protocol", "data", "evaluators", "origin")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A future row of the leaderboard: an objective under its settings, or a control, on one problem."""

    problem: Problem
    row: str
    track: AnyTrack | None  # None: a control is in every track's table
    facts: Mapping[str, Any]  # the identity, but for the seed
    comparable: Mapping[str, Any]
    objective: Objective | None  # None: a control
    training: Training
    iterations: int
    alone: str | None = None  # why members cannot train at once
    seeded: bool = True  # its numbers depend on the seed; else all seeds are one run
    sourceless: tuple[str, ...] = ()  # its user-defined parts without source, which an identity cannot name

    def runs(self, seeds: Iterable[int]) -> list[Run]:
        """Return a run for each seed, or one alone where the numbers do not depend on it."""
        return [Run(self, seed) for seed in (seeds if self.seeded else (0,))]

    @cached_property
    def shape(self) -> str:
        """Return what members of one group have in common: everything but the seed and the float settings."""
        facts = dict(self.facts)
        if self.objective is not None:
            blank: dict[str, Any] = dict.fromkeys(float_fields(self.objective), 0.0)
            facts["objective"] = canonical(bind(self.objective, blank))
            facts["training"] = {name: value for name, value in facts["training"].items() if name not in VARYING}
        return canonical_json(facts)


@dataclass(frozen=True)
class Run:
    """One seed of an experiment."""

    experiment: Experiment
    seed: int

    @property
    def identity(self) -> dict[str, Any]:
        """Return everything that was requested of the run.

        The other members of its group are not part of it. Their number changes the rounding of products, which training
        amplifies, but that only gives another draw of the same experiment.
        """
        return {**self.experiment.facts, **({"seed": self.seed} if self.experiment.seeded else {})}

    @property
    def key(self) -> str:
        """Return the hash of the identity."""
        return identity_key(self.identity)


def facts_of(problem: Problem, data: Data, request: Request) -> dict[str, Any]:
    """Return the facts that all runs on a problem share: the protocol, the data, the evaluators, the arithmetic."""
    extractor = data.truth.extractor
    return {
        "protocol": PROTOCOL,
        "problem": problem.name,
        "data": data.digest(),
        "evaluators": problem.judging.counts
        | ({"features": extractor.fingerprint} if extractor else {})
        | problem.judging.sources,
        "arithmetic": request.arithmetic,
    } | ({"origin": dict(problem.origin)} if problem.origin else {})


def experiment_of(
    problem: Problem,
    entry: Entry,
    about: Mapping[str, Any],
    track: AnyTrack,
    iterations: int,
    budget: int,
    *,
    alone: str | None,
) -> Experiment:
    """Return the row of an objective; rows of one `budget`, in gradient evaluations, may share a table."""
    objective, training, label = entry
    facts = {
        **about,
        "kind": "objective",
        "objective": canonical(objective),
        "network": problem.network,
        "training": _settings_of(training),
        "track": track,
        "iterations": iterations,
    }
    if objective.traits.conditioning:
        facts["classes"] = classes_of(problem)
    if couples_gradients(problem, objective):
        facts["coupled_gradients"] = True
    comparable = {name: about[name] for name in SHARED if name in about}
    comparable |= {"network": problem.network, "gradient_evaluations": budget}
    sourceless = _without_source(problem, objective)
    facts |= _unrepeatable(sourceless)
    return Experiment(
        problem=problem,
        row=label,
        track=track,
        facts=facts,
        comparable=comparable,
        objective=objective,
        training=training,
        iterations=iterations,
        alone=alone,
        sourceless=sourceless,
    )


def _settings_of(training: Training) -> dict[str, Any]:
    """Return the settings for an identity; one generator step is left out, as before it could be changed."""
    stated = dataclasses.asdict(training)
    if training.generator_steps == 1:
        del stated["generator_steps"]
    return stated


def control_experiment(problem: Problem, control: str, about: Mapping[str, Any]) -> Experiment:
    """Return the row of a control; `comparable` contains only what affects the control."""
    facts = {name: about[name] for name in ("problem", *SHARED) if name in about}
    comparable = {name: about[name] for name in SHARED if name in about}
    if control == "untrained":
        comparable |= {"network": problem.network}
    facts |= {"kind": "control", "control": control, "network": comparable.get("network", "none")}
    sourceless = _without_source(problem, None)
    facts |= _unrepeatable(sourceless)
    return Experiment(
        problem=problem,
        row=control,
        track=None,
        facts=facts,
        comparable=comparable,
        objective=None,
        training=problem.training,
        iterations=0,
        sourceless=sourceless,
    )


def _without_source(problem: Problem, objective: Objective | None) -> tuple[str, ...]:
    """Return the names of user-defined parts without source, such as a class piped to `python -`."""
    evaluators = problem.judging.further.items()
    names = [name for name, one in evaluators if name not in EVALUATORS and one.source is None]
    if objective is not None:
        kinds = [type(part) for part in parts(objective)]
        names += [kind.__name__ for kind in kinds if is_outside(kind) and source_digest(kind) is None]
        names += [] if has_source(problem.architecture) else [problem.network]
    return tuple(names)


def _unrepeatable(sourceless: Collection[str]) -> dict[str, str]:
    """Return a random part for the identity of a run whose code is unknown, so that the run is never reused."""
    return {"unrepeatable": uuid4().hex} if sourceless else {}
