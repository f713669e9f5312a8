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
from benchmark.cli.mistakes import USAGE, Group, ParserError, sentence_of
from benchmark.cli.output import say
from benchmark.cli.streams import open_streams
from benchmark.cli.version import print_version
from benchmark.errors import Interrupted, UserError
from benchmark.interrupts import listen

INTERNAL = 1

app = typer.Typer(
    name="gan-bench",
    cls=Group,
    help="A benchmark of GAN objectives with known ground truth, equal budgets, many seeds and confidence intervals.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print versions and exit.")
    ] = False,
) -> None:
    """A benchmark of GAN objectives with known ground truth, equal budgets, many seeds and confidence intervals."""


app.command(name="run", short_help="Train objectives and print the leaderboard.")(run.run)
app.command(name="score", short_help="Score samples made elsewhere.")(score.score)
app.command(name="list", short_help="List objectives, problems, evaluators and everything else.")(listing.list_)
app.command(name="show", short_help="Describe an objective, problem, network or evaluator.")(show.show)
app.command(name="check", short_help="Test objectives and other plug-ins against their laws.")(check.check)
app.command(name="leaderboard", short_help="Print the leaderboard of existing records.")(leaderboard.leaderboard)
app.command(name="follow", short_help="Compare the critic's loss with the truth during a run.")(follow.follow)
app.command(name="compare", short_help="Compare rows: differences, intervals and verdicts.")(compare.compare)
app.command(name="report", short_help="Write an HTML report of existing records.")(report.report)
app.command(name="figure", short_help="Draw existing records as SVG and PNG.")(figure.figure)
app.command(name="reproduce", short_help="Reproduce a paper's table and compare each cell.")(reproduce.reproduce)
app.command(name="tune", short_help="Tune the settings of objectives with equal budgets.")(tune.tune)
app.command(name="publish", short_help="Write all records to one file, with tables and figures.")(publish.publish)
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command line and exit with its code."""
    open_streams()
    listen()
    try:
        sys.exit(app(prog_name="gan-bench", standalone_mode=False) or 0)
    except (UserError, ParserError) as error:
        sentence = str(error) if isinstance(error, UserError) else sentence_of(error)
        say(f"gan-bench: {' '.join(sentence.split())}", err=True)
        sys.exit(USAGE)
    except Interrupted as interrupted:
        typer.echo("gan-bench: interrupted; repeat the command to resume.", err=True)
        sys.exit(128 + interrupted.number)
    except Exception:
        traceback.print_exc()
        typer.echo("gan-bench: this is a bug in gan-bench; please report it.", err=True)
        sys.exit(INTERNAL)
