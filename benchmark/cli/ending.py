"""The end of a training command: report failed and unfinished runs, and set the exit code."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from benchmark.cli.output import say
from benchmark.store import Record

SOME_FAILED = 3


def end(records: Sequence[Record], unfinished: int, faults: Sequence[str] = ()) -> None:
    """Report failed, unfinished and impossible runs on standard error, and exit with 3 if there are any."""
    failed = sum(record.end.state != "ok" for record in records)
    if failed:
        say(f"{failed} of {len(records)} runs failed; the table counts them.", err=True)
    if unfinished:
        say(f"{unfinished} runs are not finished; repeat the command to resume them.", err=True)
    if faults:
        say(f"{len(faults)} objectives could not run; see above.", err=True)
    if failed or unfinished or faults:
        raise typer.Exit(SOME_FAILED)
