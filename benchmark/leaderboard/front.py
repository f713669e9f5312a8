"""Quality against cost: the Pareto front of the objectives."""

from __future__ import annotations

from benchmark.leaderboard.cost import seconds_of
from benchmark.leaderboard.table import Row, Table


def front(table: Table) -> list[str]:
    """Return the labels of the front, the cheapest first: rows that no other row dominates.

    Quality is the mean share, with failed runs counted as 0, or the mean of the first metric over finished runs in a
    table without shares; cost is the seconds of a run. Controls are left out.
    """
    rows = [(row, seconds_of(table, row), _quality(table, row)) for row in table.rows if not row.control]
    known = [
        (seconds, -quality, row.label) for row, seconds, quality in rows if seconds is not None and quality is not None
    ]
    kept: list[str] = []
    best = float("inf")
    for _, loss, label in sorted(known):
        if loss < best:
            kept.append(label)
            best = loss
    return kept


def _quality(table: Table, row: Row) -> float | None:
    if row.share is not None:
        return row.share.mean.value
    at = table.column(table.sort or "")
    if at is None or table.columns[at].direction == "none":
        return None
    value = row.cells[at].mean.value
    return value if value is None or table.columns[at].direction == "higher" else -value
