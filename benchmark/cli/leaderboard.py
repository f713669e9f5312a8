"""`gan-bench leaderboard`: tables from records alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from benchmark.cli.options import RESULTS, Results
from benchmark.errors import UserError


class Format(StrEnum):
    """How a table is written."""

    TABLE = "table"
    MARKDOWN = "md"
    CSV = "csv"


def leaderboard(
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="Show only this problem; repeat.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="Show this metric, or all; repeat. [default: each problem's headline]"),
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Order rows by this metric.")] = None,
    baseline: Annotated[str, typer.Option(help="The row that others are held against.")] = "ns",
    format_: Annotated[Format, typer.Option("--format", help="Terminal table, Markdown or CSV.")] = Format.TABLE,
    results: Results = RESULTS,
) -> None:
    """Print the leaderboard of the records in a directory."""
    from benchmark.cli.output import print_tables
    from benchmark.leaderboard import as_csv, markdown, tables
    from benchmark.names import resolve, shown
    from benchmark.store import read_all

    records, unreadable = read_all(results)
    for file in unreadable:
        typer.echo(f"left out {file.path}: {file.reason}", err=True)
    if not records:
        raise UserError(f"There are no records in {shown(str(results))}; make some with gan-bench run --objective ns.")
    if problem:
        known = {record.problem for record in records}
        wanted = {resolve(name, known, "problem") for name in problem}
        records = [record for record in records if record.problem in wanted]
    if format_ is Format.TABLE:
        print_tables(records, metric, sort, baseline)
        return
    built = tables(records, metric, sort, baseline)
    typer.echo(markdown(built) if format_ is Format.MARKDOWN else as_csv(built), nl=False)
