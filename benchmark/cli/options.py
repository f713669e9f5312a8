"""Options shared by several commands, and parsing of objectives given on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import UserError
from benchmark.leaderboard.text import readable
from benchmark.store import check_target
from objectives.foundation.names import quote

if TYPE_CHECKING:
    from objectives import Objective

LONGEST_NAME = 1000  # characters of anything that is looked up by name; difflib takes seconds on a pasted file


def directory(path: Path | None) -> Path | None:
    """Return a path unless something else than a directory lies there."""
    if path is not None and os.path.exists(path) and not os.path.isdir(path):  # noqa: PTH110, PTH112  never raise
        raise UserError(f"{quote(path)} is not a directory.")
    return path


def directories(paths: list[Path] | None) -> list[Path] | None:
    """Return paths unless something else than a directory lies at one of them."""
    for path in paths or ():
        directory(path)
    return paths


def input_file(path: Path | None) -> Path | None:
    """Return a path unless no regular file lies there."""
    if path is not None and not os.path.isfile(path):  # noqa: PTH113  never raises
        raise UserError(f"There is no file {quote(path)}.")
    return path


def output_file(path: Path | None) -> Path | None:
    """Return a path unless no file can be written there."""
    if path is not None:
        check_target(path)
    return path


Results = Annotated[
    Path, typer.Option("--results", help="Directory of run records.", show_default=True, callback=directory)
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Directory of data sets. [default: GAN_BENCH_DATA, then the cache]", callback=directory
    ),
]
Features = Annotated[
    str | None,
    typer.Option(help="Use the features of a published network: clip, dinov2, inception or vgg16; see --weights."),
]
Weights = Annotated[Path | None, typer.Option(help="File with the weights of --features.", callback=input_file)]
InceptionWeights = Annotated[
    Path | None,
    typer.Option(help="Short for --features inception --weights FILE: fid, is and kid.", callback=input_file),
]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps, or auto.")]
Threads = Annotated[int, typer.Option(min=1, help="Number of CPU threads; it can change the rounding of results.")]
Beside = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        help="Add the records of another directory to the tables, such as results/standard.",
        callback=directories,
    ),
]
Budget = Annotated[
    int | None,
    typer.Option(min=1, help="Show scores after this many gradient evaluations. [default: the whole budget]"),
]
Json = Annotated[
    Path | None, typer.Option("--json", help="Also write the result to this file as JSON.", callback=output_file)
]
PublishedFile = Annotated[
    Path | None,
    typer.Option(
        "--published", help="Show published numbers from this TOML file in a separate column.", callback=input_file
    ),
]


def game_of(spec: str) -> Objective:
    """Return the objective that a text names; any fault in it is raised as a UserError."""
    from objectives.spec import parse

    require_name(spec)
    try:
        return parse(spec)
    except (ValueError, OSError) as error:  # OSError: a file that cannot be opened, a path longer than allowed
        raise UserError(readable(str(error), 2000)) from error
    except SystemExit as error:  # a user's script that leaves while it is imported
        raise UserError(f"{quote(spec)} ended the program while it was imported.") from error


def require_name(text: str) -> None:
    """Raise a UserError for a text that cannot be a name."""
    if not text.strip():
        raise UserError("A name must not be empty.")
    if len(text) > LONGEST_NAME:
        raise UserError(f"A name has at most {LONGEST_NAME} characters, not {quote(text)}.")
