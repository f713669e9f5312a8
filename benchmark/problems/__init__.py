"""The catalogue of problems: name -> problem."""

from __future__ import annotations

from benchmark.names import resolve
from benchmark.networks import Noise
from benchmark.problems.base import Data, Problem, Training
from benchmark.problems.celeba import CelebA
from benchmark.problems.cifar import Cifar10
from benchmark.problems.digits import Digits
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


def problem_of(name: str) -> Problem:
    """Give the problem that a name means: one of the table, or `folder:PATH`."""
    if name.startswith("folder:"):
        return folder_problem(name)
    return PROBLEMS[resolve(name, PROBLEMS, "problem")]


__all__ = ["PROBLEMS", "Data", "Noise", "Problem", "Training", "on_inception", "problem_of"]
