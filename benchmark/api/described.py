"""Objectives and problems from Python: check an objective against its laws, and describe what a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.problems.describe import ProblemDescription
    from objectives.describe import Description
    from objectives.laws.verdict import Checked


def check(objective: str) -> Checked:
    """Check an objective against its laws; return `as_expected`, `failed`, and each law's expectation and result."""
    from objectives.laws.verdict import checked
    from objectives.spec import parse

    return checked(objective, parse(objective))


def show(name: str) -> Description | ProblemDescription:
    """Return the description of an objective (equation, source, settings) or a problem (data, networks, budget)."""
    from benchmark.problems import ALL_PROBLEMS, any_problem, is_data_file
    from benchmark.problems.describe import describe as describe_problem
    from objectives.describe import describe

    if name in ALL_PROBLEMS or name.startswith("folder:") or is_data_file(name):
        return describe_problem(any_problem(name))
    return describe(name)
