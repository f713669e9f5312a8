"""The space that an objective is searched over: the training settings that all share, and its own fields.

Wide and narrow are the ranges of Lucic et al. (2018, arXiv:1711.10337), as its code samples them: one learning rate for
both players, and the critic's steps drawn from {1, 5}, which the code declares as a range. The study also switches the
batch norm of its critic on and off; here that is a choice of network, and is left out. Default is ours: separate
learning rates from a tenth to ten times the problem's, and the objective's own fields as in wide.
"""

from __future__ import annotations

from benchmark.problems import Problem, Training
from benchmark.tune.tuning import Ranges
from objectives import Objective
from objectives.compose import parts
from objectives.identity import part_name
from objectives.search import Choice, Domain, Span, decades

Space = dict[str, Domain]  # by the name that `--set` takes

MOST_BETA1 = 0.999  # of the study's U[0, 1]: Adam with a first moment that never moves is no optimiser

STUDY: dict[Ranges, Space] = {
    "wide": {
        "learning_rate": decades(-5, -2),
        "beta1": Span(0.0, MOST_BETA1),
        "critic_steps": Choice((1, 5)),
    },
    "narrow": {
        "learning_rate": decades(-4, -3),
        "beta1": Choice((0.5,)),
        "critic_steps": Choice((1,)),
    },
}
AROUND = Span(0.1, 10.0, log=True)


def shared_space(training: Training, ranges: Ranges) -> Space:
    """Return the ranges of the training settings, the same for every objective."""
    if ranges in STUDY:
        return dict(STUDY[ranges])
    return {
        "generator_learning_rate": AROUND.around(training.generator_learning_rate),
        "critic_learning_rate": AROUND.around(training.critic_learning_rate),
        "beta1": Span(0.0, 0.9),
        "critic_steps": Choice((1, 5)),
    }


def space_of(problem: Problem, objective: Objective, ranges: Ranges) -> Space:
    """Return all that is searched for an objective: the training settings it has, then the fields of all its parts."""
    space = shared_space(problem.training, ranges)
    if not objective.traits.trains_critic:
        space = {name: domain for name, domain in space.items() if not name.startswith("critic_")}
    for part in parts(objective):
        for field, searched in part.searched.items():
            space[f"{part_name(part)}.{field}"] = searched.domain(ranges, getattr(part, field))
    return space


def start_of(space: Space, objective: Objective, training: Training) -> dict[str, float]:
    """Return the point of the space with these settings; empty if they are outside of it."""
    own = {f"{part_name(part)}.{field}": getattr(part, field) for part in parts(objective) for field in part.searched}
    rates = {training.generator_learning_rate, training.critic_learning_rate}
    known = vars(training) | own | ({"learning_rate": rates.pop()} if len(rates) == 1 else {})
    point = {name: known[name] for name in space if name in known}
    inside = len(point) == len(space) and all(contains(space[name], value) for name, value in point.items())
    return point if inside else {}


def contains(domain: Domain, value: float) -> bool:
    """Return whether a value lies in a domain."""
    return value in domain.options if isinstance(domain, Choice) else domain.low <= value <= domain.high
