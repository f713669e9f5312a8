"""The catalogue of problems: name -> problem."""

from __future__ import annotations

from benchmark.errors import UserError
from benchmark.names import resolve
from benchmark.networks import Noise
from benchmark.problems.base import Budget, Problem
from benchmark.problems.celeba import CELEBA_PROBLEM
from benchmark.problems.cifar import CIFAR10_PROBLEM
from benchmark.problems.data import SELECTION, Data, Source, as_floats
from benchmark.problems.digits import DIGITS
from benchmark.problems.dirac import DIRAC
from benchmark.problems.folder import folder_problem
from benchmark.problems.generated import Generated
from benchmark.problems.given import Given
from benchmark.problems.images import FASHION, MNIST
from benchmark.problems.inception import on_inception
from benchmark.problems.judging import Judging
from benchmark.problems.mixtures import GAUSSIAN1D, GRID, GRID_UNBALANCED, HIGH_DIM, RING, RING_WIDE
from benchmark.problems.spiral import SPIRAL
from benchmark.problems.stacked import STACKED_MNIST
from benchmark.problems.tfd import TFD_PROBLEM
from benchmark.problems.training import Training

PROBLEMS: dict[str, Problem] = {
    problem.name: problem
    for problem in (
        *(CELEBA_PROBLEM, CIFAR10_PROBLEM, DIGITS, FASHION, GAUSSIAN1D, GRID, GRID_UNBALANCED, HIGH_DIM, MNIST),
        *(RING, RING_WIDE, SPIRAL, STACKED_MNIST, TFD_PROBLEM),
    )
}

# Problems that can be shown but stand in no leaderboard: no score of samples answers what they ask.
UNRANKED: dict[str, Problem] = {DIRAC.name: DIRAC}


def any_problem(name: str) -> Problem:
    """Return the problem that a name means: one of the tables, or `folder:PATH`."""
    if name.startswith("folder:"):
        return folder_problem(name)
    known = PROBLEMS | UNRANKED
    return known[resolve(name, known, "problem")]


def problem_of(name: str) -> Problem:
    """Return the problem that a name means, if runs on it can be ranked."""
    problem = any_problem(name)
    if problem.name in UNRANKED:
        raise UserError(
            f"The problem {problem.name!r} stands in no leaderboard, for no evaluator of samples shows whether a game "
            f"converges; python -m benchmark.engine.{problem.name} prints how each objective behaves on it."
        )
    return problem


__all__ = [
    "PROBLEMS",
    "SELECTION",
    "UNRANKED",
    "Budget",
    "Data",
    "Generated",
    "Given",
    "Judging",
    "Noise",
    "Problem",
    "Source",
    "Training",
    "any_problem",
    "as_floats",
    "on_inception",
    "problem_of",
]
