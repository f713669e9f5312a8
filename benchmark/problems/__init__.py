"""The catalogue of problems: name -> problem."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import cast

from benchmark.errors import UserError
from benchmark.networks import Noise
from benchmark.problems.arrays import is_data_file
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
from benchmark.problems.judging import Judging
from benchmark.problems.mixtures import GAUSSIAN1D, GRID, GRID_UNBALANCED, HIGH_DIM, RING, RING_WIDE
from benchmark.problems.network_features import NetworkFile, network_file, on_network
from benchmark.problems.outside import PROBLEM, as_problem, problem_of_file
from benchmark.problems.polygons import POLYGONS
from benchmark.problems.samples import from_arrays, from_sampler, from_samples
from benchmark.problems.spiral import SPIRAL
from benchmark.problems.stacked import STACKED_MNIST
from benchmark.problems.tfd import TFD_PROBLEM
from benchmark.problems.training import Training
from objectives.foundation.loading import is_place, load, load_entry_point, missing_name
from objectives.foundation.names import resolve

PROBLEMS: dict[str, Problem] = {
    problem.name: problem
    for problem in (
        *(CELEBA_PROBLEM, CIFAR10_PROBLEM, DIGITS, FASHION, GAUSSIAN1D, GRID, GRID_UNBALANCED, HIGH_DIM, MNIST),
        *(POLYGONS, RING, RING_WIDE, SPIRAL, STACKED_MNIST, TFD_PROBLEM),
    )
}

DOORS = "folder:PATH, data.npz or file.py:MyProblem"  # what may be given instead of a name

# All that can be shown, ranked or not: a view, so that it holds what PROBLEMS holds at any time.
ALL_PROBLEMS: Mapping[str, Problem] = ChainMap({DIRAC.name: DIRAC}, PROBLEMS)


def any_problem(given: object) -> Problem:
    """Return the problem that is meant: a name of the tables, a place that holds one, or a value, see `as_problem`."""
    if not isinstance(given, str):
        return next((known for known in PROBLEMS.values() if known is given), None) or as_problem(given)
    if given.startswith("folder:"):
        return folder_problem(given)
    if given in ALL_PROBLEMS:
        return ALL_PROBLEMS[given]
    if is_data_file(given):
        return problem_of_file(given)
    if is_place(given):
        return cast(Problem, load(given, PROBLEM))
    if given.endswith(".py"):
        raise missing_name(given, PROBLEM)
    return (
        cast(Problem | None, load_entry_point(given, PROBLEM))
        or ALL_PROBLEMS[resolve(given, ALL_PROBLEMS, "problem", or_else=DOORS)]
    )


def problem_of(given: object) -> Problem:
    """Return the problem that is meant, if runs on it can be ranked."""
    problem = any_problem(given)
    if problem.unranked:
        raise UserError(f"The problem {problem.name!r} is not ranked in leaderboards, because {problem.unranked}.")
    return problem


__all__ = [
    "ALL_PROBLEMS",
    "PROBLEMS",
    "SELECTION",
    "Budget",
    "Data",
    "Generated",
    "Given",
    "Judging",
    "NetworkFile",
    "Noise",
    "Problem",
    "Source",
    "Training",
    "any_problem",
    "as_floats",
    "as_problem",
    "from_arrays",
    "from_sampler",
    "from_samples",
    "is_data_file",
    "network_file",
    "on_network",
    "problem_of",
]
