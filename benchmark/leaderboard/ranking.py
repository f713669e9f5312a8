"""One order over all problems of a track, with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.leaderboard.compare import row_losses
from benchmark.leaderboard.table import Column, Table
from benchmark.stats import Aggregate, Rank, rank_distribution, stratified_mean

RESAMPLES, FEWER = 2000, 500
MANY_ROWS = 100  # with more rows fewer resamples are drawn
FEWEST_RUNS = 2  # a single run says nothing about its chances


FEWEST_ROWS = 2  # that a table needs for an order


@dataclass(frozen=True)
class Ranking:
    """The objectives of a track that are in the table of each of its problems, best first, and those that do not.

    The intervals are bootstrap percentiles, too narrow below ten seeds.
    """

    track: str | None
    tables: tuple[str, ...]  # captions, with the metric that ranked
    ranks: Mapping[str, Rank]
    shares: Mapping[str, Aggregate]  # of the way from untrained to oracle, mean over problems; of ranked rows
    unranked: Mapping[str, str]  # row -> reason
    left_out: Mapping[str, str]  # caption of a table that is not used -> reason


def rankings(tables: Sequence[Table], generator: np.random.Generator | None = None) -> list[Ranking]:
    """Rank the objectives of each track by each table's sort column, every problem weighing the same, failures last.

    A problem is ranked by one of its tables, so that a short run of one row does not undo the others'
    order: the one with the most rows of two runs or more, of equals the one with the larger budget. Only rows that have
    two runs or more in each of these are ranked: a row must not gain by staying away from a hard problem. Without a
    generator the draws are always the same ones, so that an order is a function of its tables.
    """
    draws = np.random.default_rng(0) if generator is None else generator
    played = [table for table in tables if any(not row.control for row in table.rows)]
    resamples = RESAMPLES if sum(len(table.rows) for table in played) <= MANY_ROWS else FEWER
    tracks = sorted({table.track or "" for table in played})
    return [_ranking([t for t in played if (t.track or "") == track], draws, resamples) for track in tracks]


def _ranking(tables: Sequence[Table], generator: np.random.Generator, resamples: int) -> Ranking:
    ranking, left_out = _choose_tables(tables)
    labels = dict.fromkeys(row.label for table in tables for row in table.rows if not row.control)
    losses = {
        label: {str(at): _losses(table, column, label) for at, (table, column) in enumerate(ranking)}
        for label in labels
    }
    whole = {label: own for label, own in losses.items() if all(len(runs) >= FEWEST_RUNS for runs in own.values())}
    ranks = rank_distribution(whole, generator, resamples=resamples) if len(whole) > 1 else {}
    ordered = dict(sorted(ranks.items(), key=lambda item: (item[1].place, item[0])))
    shares = {label: _overall(ranking, label, generator) for label in ordered}
    names = tuple(f"{table.caption}: {column.metric}" for table, column in ranking)
    unranked = {
        label: _reason(ranking, own) if ranking else _no_order(tables)
        for label, own in sorted(losses.items())
        if label not in ranks
    }
    return Ranking(tables[0].track, names, ordered, shares, unranked, left_out)


def _overall(ranking: Sequence[tuple[Table, Column]], label: str, generator: np.random.Generator) -> Aggregate:
    """Return the mean share of a row over problems; without a value if one of them has no shares."""
    cells = [row.share for table, _ in ranking if (row := table.row(label)) is not None]
    known = [list(cell.values.values()) if cell is not None else [] for cell in cells]
    return stratified_mean(known, generator)


def _choose_tables(tables: Sequence[Table]) -> tuple[list[tuple[Table, Column]], dict[str, str]]:
    """Return the table of each problem that ranks, with its column, and why each of the others does not."""
    rows = {table.caption: _rankable(table) for table in tables}
    ranking: list[tuple[Table, Column]] = []
    left_out: dict[str, str] = {}
    for problem in dict.fromkeys(table.problem for table in tables):
        own = [table for table in tables if table.problem == problem]
        own.sort(key=lambda table: (-rows[table.caption], -_budget(table), table.caption))
        best, column = own[0], _ranking_column(own[0])
        if column is not None and rows[best.caption] >= FEWEST_ROWS:
            ranking.append((best, column))
            own = own[1:]
        left_out |= {table.caption: _left(table, best, rows) for table in own}
    return ranking, left_out


def _left(table: Table, best: Table, rows: Mapping[str, int]) -> str:
    """Return why a table is not used, given the table of its problem that ranks most rows."""
    found = rows[table.caption]
    if _ranking_column(table) is None:
        return "no metric to rank by"
    if found < FEWEST_ROWS:
        return f"{'one row' if found else 'no row'} with two runs"
    return f"{found} rows with two runs, against {rows[best.caption]} in {best.caption}"


def _rankable(table: Table) -> int:
    """Count the rows that a table could rank."""
    column = _ranking_column(table)
    if column is None:
        return 0
    at = table.columns.index(column)
    losses = (row_losses(row, at, column.direction) for row in table.rows if not row.control)
    return sum(len(runs) >= FEWEST_RUNS for runs in losses)


def _budget(table: Table) -> float:
    """Return the gradient evaluations of each run; 0 if the records do not state them."""
    budget = table.comparable.get("gradient_evaluations", 0)
    return float(budget) if isinstance(budget, int | float) else 0.0


def _ranking_column(table: Table) -> Column | None:
    """Return the column that ranks a table, if it has a direction."""
    at = table.column(table.sort) if table.sort is not None else None
    return table.columns[at] if at is not None and table.columns[at].direction != "none" else None


def _losses(table: Table, column: Column, label: str) -> list[float]:
    row = table.row(label)
    return [] if row is None else row_losses(row, table.columns.index(column), column.direction)


def _reason(ranking: Sequence[tuple[Table, Column]], losses: Mapping[str, Sequence[float]]) -> str:
    """Return why a row is not ranked: what it lacks in the first such table, and the number of others."""
    lacking = [(table, column, len(losses[str(at)])) for at, (table, column) in enumerate(ranking)]
    lacking = [one for one in lacking if one[2] < FEWEST_RUNS]
    if not lacking:
        return "no other row has two runs in every problem's table"
    table, column, runs = lacking[0]
    found = "only one run" if runs else f"no run with {column.metric}"
    more = f" and in {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"{found} in {table.caption}{more}"


def _no_order(tables: Sequence[Table]) -> str:
    """Return why no table of a track ranks."""
    measured = any(_ranking_column(table) for table in tables)
    return "no table has two rows with two runs" if measured else "no table has a metric to rank by"
