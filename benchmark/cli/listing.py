"""`gan-bench list`: what there is, a line each."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Kind(StrEnum):
    """What can be listed."""

    OBJECTIVES = "objectives"
    PROBLEMS = "problems"
    EVALUATORS = "evaluators"


def list_(kind: Annotated[Kind | None, typer.Argument(help="Only these.")] = None) -> None:
    """List objectives, problems and evaluators with their meaning."""
    from benchmark.problems import PROBLEMS
    from evaluators import EVALUATORS
    from objectives import OBJECTIVES

    tables = {
        Kind.OBJECTIVES: {name: first_line(thing) for name, thing in OBJECTIVES.items()},
        Kind.PROBLEMS: {name: first_line(thing) for name, thing in PROBLEMS.items()},
        Kind.EVALUATORS: {name: thing.summary for name, thing in EVALUATORS.items()},
    }
    for section in [kind] if kind else list(Kind):
        width = max(len(name) for name in tables[section])
        typer.echo(f"{section.value}:")
        for name, meaning in tables[section].items():
            typer.echo(f"  {name:{width}}  {meaning}")


def first_line(thing: object) -> str:
    """Give the first line of a docstring, which says what a thing is."""
    return (thing.__doc__ or "").strip().split("\n")[0]
