"""Try an objective on a problem before anything is written: does it play, under `vmap` too, and by our draws alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from benchmark.engine.blame import trial_fault
from benchmark.engine.group import Varying, form
from benchmark.engine.loop import feed
from benchmark.errors import LeftOut, UserError
from benchmark.problems import Data, Problem, Training
from objectives import Objective
from objectives.base import float_fields
from objectives.foundation.errors import PASSING, PluginError
from objectives.foundation.names import quote
from objectives.foundation.process import left_alone
from objectives.identity import spelling

SAMPLES = 4


def why_alone(problem: Problem, objective: Objective, training: Training, data: Data) -> str | None:
    """Play one iteration of two members, or else of one; say why two cannot play at once, or None where they can.

    A loss that is not finite is not a fault here: a divergence is a result.

    An objective that cannot play at all raises LeftOut with the file and line of its fault, and so does one that draws
    from a generator that its whole process shares: no seed of ours reaches that.
    """
    try:
        _play(problem, objective, training, data, members=2)
    except PASSING:
        raise
    except BaseException as error:  # whatever vmap cannot do, one member alone may still do
        _play_alone(problem, objective, training, data)
        return trial_fault(error, objective)
    return None


def settings_vary(problem: Problem, objective: Objective, training: Training, data: Data) -> bool:
    """Play one iteration of two members whose float settings are tensors; say whether settings can share a group.

    A loss may ask in Python whether a setting is above zero, which a stack of settings does not answer.
    """
    both = {path: [value, value] for path, value in float_fields(objective).items()}
    try:
        _play(problem, objective, training, data, members=2, varying=Varying(both, {}))
    except PASSING:
        raise
    except BaseException:
        return False
    return True


def _play_alone(problem: Problem, objective: Objective, training: Training, data: Data) -> None:
    try:
        _play(problem, objective, training, data, members=1)
    except (*PASSING, LeftOut):
        raise
    except BaseException as error:
        why = str(error) if isinstance(error, UserError) else f"{trial_fault(error, objective)}."
        raise LeftOut(
            f"The objective {quote(spelling(objective))} cannot be trained on {quote(problem.name)}: {why}"
        ) from error


def _play(
    problem: Problem,
    objective: Objective,
    training: Training,
    data: Data,
    members: int,
    varying: Varying | None = None,
) -> None:
    small = dataclasses.replace(training, batch=SAMPLES)
    with _as_it_was(objective):
        group = form(problem, objective, small, range(members), data.training[: 8 * SAMPLES], 1, varying)
        group.step(group.start(), next(feed(group, 0, 1)))


@contextmanager
def _as_it_was(objective: Objective) -> Iterator[None]:
    """Refuse an objective that draws from a generator of the whole process, or changes what others compute by."""
    try:
        with left_alone(f"The objective {quote(type(objective).__name__)}", draws=True):
            yield
    except PluginError as error:
        raise LeftOut(f"{error}.") from error
