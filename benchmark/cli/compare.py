"""`gan-bench compare`: compare two or more rows of existing records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import Beside, Budget, Json, Results, require_name
from benchmark.cli.output import say, write_json
from benchmark.cli.recorded import of_budget, of_problems, records_beside, rows_on_record, say_damaged
from benchmark.errors import UserError
from benchmark.leaderboard import (
    Comparison,
    Sweep,
    Table,
    compare_each,
    comparisons_text,
    side_by_side,
    sweep_text,
    sweeps,
    tables,
)
from benchmark.leaderboard.text import readable
from benchmark.runner.paths import RESULTS
from benchmark.store import Curve, Kept, Record
from objectives.foundation.names import quote

LOSSES = ("critic_loss", "generator_loss")  # shown where the compared metric was not watched along the way


def compare(
    rows: Annotated[
        list[str] | None,
        typer.Argument(metavar="A B [...]", help="Rows: compare the first with the others."),
    ] = None,
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="Compare only on this problem; can be repeated.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="Compare by this metric. [default: each problem's first]")
    ] = None,
    sweep: Annotated[
        str | None, typer.Option(help="Compare the values of this setting, such as gamma, instead of named rows.")
    ] = None,
    curves: Annotated[bool, typer.Option("--curves/--no-curves", help="Print training curves side by side.")] = True,
    budget: Budget = None,
    results: Results = RESULTS,
    beside: Beside = None,
    json: Json = None,
) -> None:
    """Compare rows of the leaderboard over their common seeds: differences, intervals and a verdict."""
    rows = rows or []
    for name in [*rows, *(problem or []), *(one for one in (metric, sweep) if one is not None)]:
        require_name(name)
    if sweep is None and len(rows) < 2:
        raise UserError("Name two rows of the leaderboard to compare, such as: gan-bench compare ns minimax.")
    directories = [results, *(beside or [])]
    records = of_budget(of_problems(records_beside(results, beside or []), problem, directories), budget)
    if sweep is not None:
        _over(sweep, records, metric, rows, json)
        return
    with rows_on_record(rows, records, directories):
        compared = compare_each(records, rows[0], rows[1:], metric)
    write_json(json, "compare", {"comparisons": compared})
    pieces, kept = [comparisons_text(compared)], Kept(results)
    if curves and budget is None:  # curves are of whole runs
        pieces += [text for table in _by_table(compared) if (text := _curves(kept, table))]
    say("\n".join(pieces).rstrip("\n"))
    say_damaged(kept)


def _over(setting: str, records: Sequence[Record], metric: str | None, rows: Sequence[str], json: Path | None) -> None:
    """Print one sentence per sweep over a setting."""
    if rows:
        raise UserError("--sweep takes no rows: it compares all rows that differ only in that setting.")
    found = [(table, one) for table in tables(records, metric and [metric]) for one in sweeps(table, setting)]
    if not found:
        raise UserError(
            f"No rows here differ in {quote(setting)} alone with at least three values; make some with "
            f"gan-bench run --sweep {readable(setting, 40)}=0.1,1,10."
        )
    texts = [sweep_text(table, one) for table, one in found]
    facts = [_facts(table, one, text) for (table, one), text in zip(found, texts, strict=True)]
    write_json(json, "compare", {"sweeps": facts})
    say("\n".join(texts))


def _facts(table: Table, sweep: Sweep, text: str) -> dict[str, object]:
    values = [{"value": value, "row": row.label} for value, row in sweep.points]
    return {"table": table.caption, "game": sweep.game, "setting": sweep.setting, "values": values, "sentence": text}


def _by_table(compared: Sequence[Comparison]) -> list[list[Comparison]]:
    captions = dict.fromkeys(comparison.caption for comparison in compared)
    return [[one for one in compared if one.caption == caption] for caption in captions]


def _curves(kept: Kept, compared: Sequence[Comparison]) -> str:
    """Write the curves of the compared rows in one table: the metric, or the losses if it was not recorded."""
    caption, metric = compared[0].caption, compared[0].metric
    sides = [compared[0].a, *(one.b for one in compared)]
    found = {side.label: _curves_of(kept, side.records) for side in sides}
    drawn = {label: curves for label, curves in found.items() if any(curve.points for curve in curves)}
    if len(drawn) < 2:
        return ""
    measured = [set().union(*(point for curve in curves for point in curve.points)) for curves in drawn.values()]
    names = [metric] if all(metric in one for one in measured) else LOSSES
    return "\n".join(f"{caption}, {side_by_side(drawn, name)}" for name in names)


def _curves_of(kept: Kept, rows: Sequence[Record]) -> list[Curve]:
    return [kept.curve(record) for record in rows]
