"""`gan-bench compare`: two rows or more, from records alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import RESULTS, Beside, Budget, Json, Results, require_name
from benchmark.cli.output import say, write_json
from benchmark.cli.recorded import of_budget, of_problems, records_beside, rows_on_record
from benchmark.errors import UserError
from benchmark.leaderboard import Comparison, compare_each, comparisons_text, side_by_side
from benchmark.store import CURVE, Curve, Record, directory_of, read_curve

LOSSES = ("critic_loss", "generator_loss")  # shown where the compared metric was not watched along the way


def compare(
    rows: Annotated[list[str], typer.Argument(metavar="A B [...]", help="Rows: A is held against each other one.")],
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="Compare only on this problem; repeat.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="Compare by this metric. [default: each problem's first]")
    ] = None,
    curves: Annotated[bool, typer.Option("--curves/--no-curves", help="Print training curves side by side.")] = True,
    budget: Budget = None,
    results: Results = RESULTS,
    beside: Beside = None,
    json: Json = None,
) -> None:
    """Compare rows of the leaderboard over their common seeds: differences, intervals and a verdict in words."""
    for name in [*rows, *(problem or []), *([] if metric is None else [metric])]:
        require_name(name)
    if len(rows) < 2:
        raise UserError("Name two rows of the leaderboard to compare, such as: gan-bench compare ns minimax.")
    directories = [results, *(beside or [])]
    records = of_budget(of_problems(records_beside(results, beside or []), problem, directories), budget)
    with rows_on_record(rows, records, directories):
        compared = compare_each(records, rows[0], rows[1:], metric)
    write_json(json, "compare", {"comparisons": compared})
    pieces = [comparisons_text(compared)]
    if curves and budget is None:  # curves are of whole runs
        pieces += [text for table in _by_table(compared) if (text := _curves(results, table))]
    say("\n".join(pieces).rstrip("\n"))


def _by_table(compared: Sequence[Comparison]) -> list[list[Comparison]]:
    captions = dict.fromkeys(comparison.caption for comparison in compared)
    return [[one for one in compared if one.caption == caption] for caption in captions]


def _curves(results: Path, compared: Sequence[Comparison]) -> str:
    """Write the curves of all rows compared in one table: the metric's, or the losses where it was not watched."""
    caption, metric = compared[0].caption, compared[0].metric
    sides = [compared[0].a, *(one.b for one in compared)]
    found = {side.label: _curves_of(results, side.records) for side in sides}
    kept = {label: curves for label, curves in found.items() if any(curve.points for curve in curves)}
    if len(kept) < 2:
        return ""
    measured = [set().union(*(point for curve in curves for point in curve.points)) for curves in kept.values()]
    names = [metric] if all(metric in one for one in measured) else LOSSES
    return "\n".join(f"{caption}, {side_by_side(kept, name)}" for name in names)


def _curves_of(results: Path, rows: Sequence[Record]) -> list[Curve]:
    return [read_curve(directory_of(results, record) / CURVE) for record in rows]
