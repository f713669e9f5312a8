"""How a command that trains ends: what failed and what is not finished is told, and is the exit code."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from benchmark.cli.output import say
from benchmark.store import Record

SOME_FAILED = 3


def end(records: Sequence[Record], unfinished: int, faults: Sequence[str] = ()) -> None:
    """Tell on standard error what did not go well, and exit with 3 if anything did not."""
    failed = sum(record.end.state != "ok" for record in records)
    if failed:
        say(f"{failed} of {len(records)} runs failed; the table counts them.", err=True)
    if unfinished:
        say(f"{unfinished} runs are not finished; the same command goes on with them.", err=True)
    if faults:
        say(f"{len(faults)} objectives could not play; see above.", err=True)
    if failed or unfinished or faults:
        raise typer.Exit(SOME_FAILED)
