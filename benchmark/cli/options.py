"""Options shared by several commands, and parsing of objectives given on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import UserError
from benchmark.leaderboard.text import readable
from objectives.foundation.names import quote

if TYPE_CHECKING:
    from objectives import Objective

LONGEST_NAME = 1000  # characters of anything that is looked up by name; difflib takes seconds on a pasted file

Results = Annotated[Path, typer.Option("--results", help="Directory of run records.", show_default=True)]
DataDir = Annotated[Path | None, typer.Option(help="Directory of data sets. [default: GAN_BENCH_DATA, then the cache]")]
Features = Annotated[
    str | None,
    typer.Option(help="Use the features of a published network: clip, dinov2, inception or vgg16; see --weights."),
]
Weights = Annotated[Path | None, typer.Option(help="File with the weights of --features.")]
InceptionWeights = Annotated[
    Path | None, typer.Option(help="Short for --features inception --weights FILE: fid, is and kid.")
]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps, or auto.")]
Threads = Annotated[int, typer.Option(min=1, help="Number of CPU threads; it can change the rounding of results.")]
Beside = Annotated[
    list[Path] | None,
    typer.Option("--with", help="Add the records of another directory to the tables, such as results/standard."),
]
Budget = Annotated[
    int | None,
    typer.Option(min=1, help="Show scores after this many gradient evaluations. [default: the whole budget]"),
]
Json = Annotated[Path | None, typer.Option("--json", help="Also write the result to this file as JSON.")]
PublishedFile = Annotated[
    Path | None,
    typer.Option("--published", help="Show published numbers from this TOML file in a separate column."),
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
