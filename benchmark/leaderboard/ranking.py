"""One order over all problems of a track, with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.leaderboard.compare import row_losses
from benchmark.leaderboard.table import Table
from benchmark.stats import Rank, rank_distribution


@dataclass(frozen=True)
class Ranking:
    """The objectives of a track that stand in every one of its tables, best first, and those that do not.

    The intervals are bootstrap percentiles, too narrow below ten seeds.
    """

    track: str | None
    tables: tuple[str, ...]  # captions, with the metric that ranked
    ranks: Mapping[str, Rank]
    unranked: tuple[str, ...]


def rankings(tables: Sequence[Table], generator: np.random.Generator, *, resamples: int = 2000) -> list[Ranking]:
    """Rank the objectives of each track by each table's sort column, every table weighing the same, failures last.

    Only rows that have two runs or more in every table are ranked: a row must not gain by staying away from a hard
    problem, and a single run shows nothing of its chances.
    """
    tracks = sorted({table.track or "" for table in tables})
    return [_ranking([t for t in tables if (t.track or "") == track], generator, resamples) for track in tracks]


def _ranking(tables: Sequence[Table], generator: np.random.Generator, resamples: int) -> Ranking:
    usable = [table for table in tables if _at(table) is not None and any(not row.control for row in table.rows)]
    losses: dict[str, dict[str, list[float]]] = {}
    names = []
    for position, table in enumerate(usable):
        at = _at(table) or 0
        column = table.columns[at]
        names.append(f"{table.caption}: {column.metric}")
        for row in table.rows:
            runs = row_losses(row, at, column.direction)
            if not row.control and len(runs) >= 2:
                losses.setdefault(row.label, {})[str(position)] = runs
    everywhere = {label: runs for label, runs in losses.items() if len(runs) == len(usable)}
    ranks = rank_distribution(everywhere, generator, resamples=resamples) if len(everywhere) > 1 else {}
    ordered = dict(sorted(ranks.items(), key=lambda item: (item[1].place, item[0])))
    others = {row.label for table in tables for row in table.rows if not row.control} - ranks.keys()
    return Ranking(tables[0].track, tuple(names), ordered, tuple(sorted(others)))


def _at(table: Table) -> int | None:
    """Give the index of the column that ranks a table, if it has a direction."""
    at = table.column(table.sort) if table.sort is not None else None
    return at if at is not None and table.columns[at].direction != "none" else None
