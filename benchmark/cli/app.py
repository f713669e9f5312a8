"""The application: its commands, and what a failure prints and returns."""

from __future__ import annotations

import signal
import sys
import traceback
from types import FrameType

import typer

from benchmark.cli import check, compare, data, leaderboard, listing, publish, report, reproduce, run, show, tune
from benchmark.cli.output import say
from benchmark.errors import Interrupted, UserError

INTERNAL, USAGE = 1, 2

app = typer.Typer(
    name="gan-bench",
    help="A benchmark of GAN objectives: many seeds, known truths, equal budgets, honest intervals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(name="run")(run.run)
app.command(name="list")(listing.list_)
app.command(name="show")(show.show)
app.command(name="check")(check.check)
app.command(name="leaderboard")(leaderboard.leaderboard)
app.command(name="compare")(compare.compare)
app.command(name="report")(report.report)
app.command(name="reproduce")(reproduce.reproduce)
app.command(name="tune")(tune.tune)
app.command(name="publish")(publish.publish)
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command line and exit with its code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
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


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)
