"""The application: its commands, and what a failure prints and returns."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from benchmark.cli import (
    check,
    compare,
    data,
    figure,
    follow,
    leaderboard,
    listing,
    publish,
    report,
    reproduce,
    run,
    score,
    show,
    tune,
)
from benchmark.cli.output import say
from benchmark.cli.streams import open_streams
from benchmark.cli.version import print_version
from benchmark.errors import Interrupted, UserError
from benchmark.interrupts import listen

INTERNAL, USAGE = 1, 2

app = typer.Typer(
    name="gan-bench",
    help="A benchmark of GAN objectives: many seeds, known truths, equal budgets, honest intervals.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print versions and leave.")
    ] = False,
) -> None:
    """A benchmark of GAN objectives: many seeds, known truths, equal budgets, honest intervals."""


app.command(name="run", short_help="Train objectives and print the leaderboard.")(run.run)
app.command(name="score", short_help="Score samples that were made elsewhere.")(score.score)
app.command(name="list", short_help="List objectives, problems, evaluators and all else there is.")(listing.list_)
app.command(name="show", short_help="Show all that is known of one of these.")(show.show)
app.command(name="check", short_help="Hold the laws against objectives.")(check.check)
app.command(name="leaderboard", short_help="Print the tables of what is on record.")(leaderboard.leaderboard)
app.command(name="follow", short_help="Hold the critic's loss against the truth along a run.")(follow.follow)
app.command(name="compare", short_help="Compare rows: differences, intervals, verdicts in words.")(compare.compare)
app.command(name="report", short_help="Write one HTML page of what is on record.")(report.report)
app.command(name="figure", short_help="Draw what is on record as SVG and PNG.")(figure.figure)
app.command(name="reproduce", short_help="Run what a paper's table needs and judge each cell.")(reproduce.reproduce)
app.command(name="tune", short_help="Search the settings of objectives with equal budgets.")(tune.tune)
app.command(name="publish", short_help="Put a directory's records into one file, with its tables.")(publish.publish)
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command line and exit with its code."""
    open_streams()
    listen()
    try:
        app()
    except UserError as error:
        say(f"gan-bench: {' '.join(str(error).split())}", err=True)
        sys.exit(USAGE)
    except Interrupted as interrupted:
        typer.echo("gan-bench: interrupted; the same command goes on from here.", err=True)
        sys.exit(128 + interrupted.number)
    except Exception:
        traceback.print_exc()
        typer.echo("gan-bench: this is a fault of gan-bench, not of yours; please report it.", err=True)
        sys.exit(INTERNAL)
