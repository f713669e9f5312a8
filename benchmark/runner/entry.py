"""An objective on a problem: with the track's settings, and the user's changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmark.engine.dynamics import DYNAMICS
from benchmark.engine.group import dynamics_for, schedules_for
from benchmark.engine.optimisers import OPTIMISERS
from benchmark.engine.schedules import SCHEDULES
from benchmark.errors import LeftOut, UserError
from benchmark.problems import Problem, Training
from benchmark.runner.request import Request
from objectives import Objective
from objectives.foundation.errors import PluginError
from objectives.foundation.names import quote, resolve
from objectives.foundation.settings import value_of
from objectives.spec import adapted, parse, settable, spelling


class Entry(NamedTuple):
    """An objective on a problem, its training settings, and the label of its row."""

    objective: Objective
    training: Training
    label: str


def entry_of(problem: Problem, objective: str | Objective, request: Request) -> Entry:
    """Build the objective and the training settings, with the problem's scales and the user's overrides.

    The label leaves out what the problem sets by its own scale, so that EBGAN is `ebgan` on every problem.
    """
    scales = problem.budget.scales
    try:
        build = parse if isinstance(objective, str) else adapted
        game: Objective = build(objective, scales=scales, overrides=request.overrides)  # type: ignore[arg-type]
        label = spelling(game, scales=scales)
        base = track_settings(problem, game, request.track)
        training = _named(_training(base, request.overrides, game))
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
    return Entry(game, training, label + (" @" + ",".join(changed) if changed else ""))


def track_settings(problem: Problem, objective: Objective, track: str) -> Training:
    """Return a track's settings: the problem's, overridden on the track `paper` by those of the objective's paper.

    If the paper uses another optimiser than the architecture, the architecture's settings are not used.
    """
    if track == "shared":
        return problem.training
    stated = {
        name: value for name, value in dataclasses.asdict(objective.traits.recommended).items() if value is not None
    }
    same_optimiser = stated.get("optimiser", problem.training.optimiser) == problem.training.optimiser
    return dataclasses.replace(problem.training if same_optimiser else problem.budget.training, **stated)


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
    """Replace names as typed by the known names, so that `Adam` and `adam` are the same run."""
    tables: dict[str, Iterable[str]] = {"optimiser": OPTIMISERS, "dynamics": DYNAMICS}
    tables |= dict.fromkeys(("learning_rate_schedule", "momentum_schedule"), SCHEDULES)
    changes: dict[str, Any] = {name: resolve(getattr(training, name), known, name) for name, known in tables.items()}
    return dataclasses.replace(training, **changes)


def check_settings(request: Request, objectives: Sequence[Objective]) -> None:
    """Raise UserError for settings that neither training nor any of the objectives has."""
    known = {"learning_rate"} | {field.name for field in dataclasses.fields(Training)}
    for objective in objectives:
        known |= settable(objective)
    for name in (*request.overrides, *request.sweep):
        if name not in known:
            resolve(name, known, "setting")
            raise UserError(f"Write the setting {quote(name)} exactly as it is named.")


def cost_of(entry: Entry) -> int:
    """Return the gradient evaluations that one iteration takes."""
    return dynamics_for(entry.training, entry.objective).cost.gradients
