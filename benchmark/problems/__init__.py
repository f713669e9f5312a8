"""The catalogue of problems: name -> problem."""

from __future__ import annotations

from benchmark.problems.base import Data, Noise, Problem, Training
from benchmark.problems.digits import Digits
from benchmark.problems.synthetic import Grid, Ring

PROBLEMS: dict[str, Problem] = {"digits": Digits(), "grid": Grid(), "ring": Ring()}

__all__ = ["PROBLEMS", "Data", "Noise", "Problem", "Training"]
