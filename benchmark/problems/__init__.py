"""The catalogue of problems: name -> problem."""

from __future__ import annotations

from benchmark.names import resolve
from benchmark.networks import Noise
from benchmark.problems.base import Data, Problem, Training
from benchmark.problems.digits import Digits
from benchmark.problems.images import FashionMnist, Mnist
from benchmark.problems.synthetic import Grid, Ring

PROBLEMS: dict[str, Problem] = {
    "digits": Digits(),
    "fashion-mnist": FashionMnist(),
    "grid": Grid(),
    "mnist": Mnist(),
    "ring": Ring(),
}


def problem_of(name: str) -> Problem:
    """Give the problem that a name means."""
    return PROBLEMS[resolve(name, PROBLEMS, "problem")]


__all__ = ["PROBLEMS", "Data", "Noise", "Problem", "Training", "problem_of"]
