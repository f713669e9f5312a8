"""Tables on the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

import typer

from benchmark.leaderboard import tables, terminal
from benchmark.store import Record

PIPED_WIDTH = 140  # columns where the output is no terminal


def print_tables(
    records: Iterable[Record], metrics: Sequence[str] | None = None, sort: str | None = None, baseline: str = "ns"
) -> None:
    """Print the leaderboard of records to standard output."""
    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if on_terminal else PIPED_WIDTH
    typer.echo(terminal(tables(records, metrics, sort, baseline), width=width, colour=on_terminal))
