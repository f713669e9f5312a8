"""The application: its commands, and what a failure prints and returns."""

from __future__ import annotations

import sys
import traceback

import typer

from benchmark.cli import leaderboard, listing, run
from benchmark.errors import UserError

INTERNAL, USAGE, INTERRUPTED = 1, 2, 130

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
app.command(name="leaderboard")(leaderboard.leaderboard)


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        app()
    except UserError as error:
        typer.echo(f"gan-bench: {error}", err=True)
        sys.exit(USAGE)
    except KeyboardInterrupt:
        typer.echo("gan-bench: interrupted; what was finished is on record.", err=True)
        sys.exit(INTERRUPTED)
    except Exception:
        traceback.print_exc()
        typer.echo("gan-bench: this is a fault of gan-bench, not of yours; please report it.", err=True)
        sys.exit(INTERNAL)
