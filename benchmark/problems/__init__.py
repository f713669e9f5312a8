"""The catalogue of problems: name -> problem."""

from __future__ import annotations

from benchmark.errors import UserError
from benchmark.names import resolve
from benchmark.networks import Noise
from benchmark.problems.base import Data, Problem, Training
from benchmark.problems.celeba import CelebA
from benchmark.problems.cifar import Cifar10
from benchmark.problems.digits import Digits
from benchmark.problems.dirac import Dirac
from benchmark.problems.folder import folder_problem
from benchmark.problems.images import FashionMnist, Mnist
from benchmark.problems.inception import on_inception
from benchmark.problems.mixtures import Gaussian1d, GridUnbalanced, HighDim, RingWide
from benchmark.problems.spiral import Spiral
from benchmark.problems.stacked import StackedMnist
from benchmark.problems.synthetic import Grid, Ring
from benchmark.problems.tfd import Tfd

PROBLEMS: dict[str, Problem] = {
    "celeba": CelebA(),
    "cifar10": Cifar10(),
    "digits": Digits(),
    "fashion-mnist": FashionMnist(),
    "gaussian1d": Gaussian1d(),
    "grid": Grid(),
    "grid-unbalanced": GridUnbalanced(),
    "high-dim": HighDim(),
    "mnist": Mnist(),
    "ring": Ring(),
    "ring-wide": RingWide(),
    "spiral": Spiral(),
    "stacked-mnist": StackedMnist(),
    "tfd": Tfd(),
}


# Problems that can be shown but stand in no leaderboard: what they ask is not told by samples.
UNRANKED: dict[str, Problem] = {"dirac": Dirac()}


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
            f"The problem {problem.name!r} stands in no leaderboard, for no evaluator of samples tells whether a game "
            f"converges; python -m benchmark.engine.{problem.name} prints how each objective behaves on it."
        )
    return problem


__all__ = [
    "PROBLEMS",
    "UNRANKED",
    "Data",
    "Noise",
    "Problem",
    "Training",
    "any_problem",
    "on_inception",
    "problem_of",
]
