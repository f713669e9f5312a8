"""Try an objective on a problem before anything is written: does it play, and does it play under `vmap`."""

from __future__ import annotations

import dataclasses

from benchmark.engine.blame import told_of_trial
from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.errors import LeftOut, UserError
from benchmark.names import shown
from benchmark.problems import Data, Problem, Training
from objectives import Objective

SAMPLES = 4


def vectorises(problem: Problem, objective: Objective, training: Training, data: Data) -> bool:
    """Play one iteration of two members, or else of one; say whether two can play at once.

    A loss that is not finite is no fault here: a divergence is a result.

    An objective that cannot play at all raises LeftOut with the file and line of its fault.
    """
    try:
        _play(problem, objective, training, data, members=2)
    except (Exception, SystemExit):  # whatever vmap cannot do, one member alone may still do
        _play_alone(problem, objective, training, data)
        return False
    return True


def _play_alone(problem: Problem, objective: Objective, training: Training, data: Data) -> None:
    try:
        _play(problem, objective, training, data, members=1)
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        name, what = shown(type(objective).__name__), told_of_trial(error, objective)
        raise LeftOut(f"The objective {name} cannot play {problem.name!r}: {what}.") from error


def _play(problem: Problem, objective: Objective, training: Training, data: Data, members: int) -> None:
    small = dataclasses.replace(training, batch=SAMPLES)
    group = form(problem, objective, small, range(members), data.training[: 8 * SAMPLES], 1)
    group.step(group.start(), next(feed(group, 0, 1)))
