"""`gan-bench leaderboard`: tables of existing records."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from json import loads
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import Beside, Budget, Json, PublishedFile, Results, require_name
from benchmark.cli.output import emit, emit_tables, rendered, say, write_json
from benchmark.cli.recorded import of_budget, of_problems, records_beside, rows_on_record, say_left_out
from benchmark.leaderboard import (
    RENDERINGS,
    Ranking,
    Table,
    as_json,
    rankings,
    read_published,
    row_named,
    staleness,
    tables,
    with_published,
)
from benchmark.runner.paths import RESULTS
from objectives.foundation.names import resolve

BASELINE = "ns"
STALE = 4
SUFFIXES = {".md": "md", ".csv": "csv", ".tex": "latex", ".json": "json"}  # format by file suffix, without --format


@contextmanager
def uncollected() -> Iterator[None]:
    """Disable the garbage collector during a command.

    Ten thousand records are millions of small objects without cycles; collecting them took 0.3 s to 0.5 s of 2.9 s.
    Wrap a whole function, so that its objects are freed before the collector runs again and would scan them all.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@uncollected()
def leaderboard(
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="Show only this problem; can be repeated.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="Show this metric, or all; can be repeated. [default: the main metrics]"),
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Sort rows by this metric.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Row to compare the others with. [default: ns]")] = None,
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar=f"[{'|'.join(RENDERINGS)}]", help="Output format. [default: table]"),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(help="Print nothing; fail if this generated file is stale (its suffix sets the format)."),
    ] = None,
    published: PublishedFile = None,
    budget: Budget = None,
    results: Results = RESULTS,
    beside: Beside = None,
    json: Json = None,
) -> None:
    """Print the leaderboard of the records in a directory, and the overall ranking of its objectives."""
    for name in [*(problem or []), *(metric or []), sort, baseline, format_]:
        if name is not None:
            require_name(name)
    form = None if format_ is None else resolve(format_, RENDERINGS, "format")
    printed = () if published is None else read_published(published)
    directories = [results, *(beside or [])]
    records = of_budget(of_problems(records_beside(results, beside or []), problem, directories), budget)
    say_left_out(printed, [] if problem else records)
    if baseline is not None:
        with rows_on_record([baseline], records, directories):
            baseline = row_named(baseline, {record.row for record in records})
    built = with_published(tables(records, metric, sort, baseline or BASELINE), printed)
    ranked = rankings(built)
    if json is not None:
        write_json(json, "leaderboard", loads(as_json(built, ranked)))
    if check is not None:
        _check(check, built, ranked, form)
    else:
        _print(built, ranked, form or "table")


def _print(built: Sequence[Table], ranked: Sequence[Ranking], form: str) -> None:
    if form == "table":
        emit_tables(built, ranked)
    else:
        emit(rendered(built, ranked, form), newline=False)


def _check(file: Path, built: Sequence[Table], ranked: Sequence[Ranking], form: str | None) -> None:
    stale = staleness(file, rendered(built, ranked, form or SUFFIXES.get(file.suffix.lower(), "table")))
    if stale is not None:
        say(stale, err=True)
        raise typer.Exit(STALE)
