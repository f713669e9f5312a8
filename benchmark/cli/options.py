"""Options that several commands share, and how a game typed on the command line is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import UserError
from benchmark.leaderboard.text import readable
from objectives.foundation.names import quote

if TYPE_CHECKING:
    from objectives import Objective

RESULTS = Path("results") / "runs"
LONGEST_NAME = 1000  # characters of anything that is looked up by name; difflib takes seconds on a pasted file

Results = Annotated[Path, typer.Option("--results", help="Directory of the run records.", show_default=True)]
DataDir = Annotated[Path | None, typer.Option(help="Directory of data sets. [default: GAN_BENCH_DATA, then the cache]")]
Features = Annotated[
    str | None,
    typer.Option(help="Judge images by a published network: clip, dinov2, inception or vgg16; see --weights."),
]
Weights = Annotated[Path | None, typer.Option(help="The file of the weights of --features.")]
InceptionWeights = Annotated[
    Path | None, typer.Option(help="--features inception --weights: judge images as fid, is and kid.")
]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps, or auto.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads; their number can move a run's last bits.")]
Beside = Annotated[
    list[Path] | None,
    typer.Option("--with", help="Another directory whose records stand in the same tables, such as results/standard."),
]
Budget = Annotated[
    int | None,
    typer.Option(min=1, help="Show runs as they stood after so many gradient evaluations. [default: all of them]"),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write the machine-readable result to this file too.")]
PublishedFile = Annotated[
    Path | None,
    typer.Option("--published", help="Show numbers of papers from this TOML file in a column of their own."),
]


def game_of(spec: str) -> Objective:
    """Build the game that a spelling names; whatever is wrong with it becomes one printable sentence."""
    from objectives.spec import parse

    require_name(spec)
    try:
        return parse(spec)
    except (ValueError, OSError) as error:  # OSError: a file that cannot be opened, a path longer than allowed
        raise UserError(readable(str(error), 2000)) from error
    except SystemExit as error:  # a user's script that leaves while it is imported
        raise UserError(f"{quote(spec)} ended the program while it was imported.") from error


def require_name(text: str) -> None:
    """Refuse what cannot be a name before anything looks it up."""
    if not text.strip():
        raise UserError("A name must not be empty.")
    if len(text) > LONGEST_NAME:
        raise UserError(f"A name has at most {LONGEST_NAME} characters, not {quote(text)}.")
