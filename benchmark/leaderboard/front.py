"""Quality against cost: the Pareto front of the objectives."""

from __future__ import annotations

from benchmark.leaderboard.table import Row, Table


def front(table: Table) -> list[str]:
    """Return the labels of the front, the cheapest first: rows that no other row dominates.

    Quality is the mean share of the way, failed runs 0, where the table has one, else the mean of its first metric over
    finished runs; cost is the mean of seconds over all runs. Controls are left out.
    """
    known = [
        (seconds, -quality, row.label)
        for row in table.rows
        if not row.control and (seconds := _seconds(row)) is not None and (quality := _quality(table, row)) is not None
    ]
    kept: list[str] = []
    best = float("inf")
    for _, loss, label in sorted(known):
        if loss < best:
            kept.append(label)
            best = loss
    return kept


def _seconds(row: Row) -> float | None:
    mean = row.compute.get("seconds")
    return None if mean is None else mean.value


def _quality(table: Table, row: Row) -> float | None:
    if row.share is not None:
        return row.share.mean.value
    at = table.column(table.sort or "")
    if at is None or table.columns[at].direction == "none":
        return None
    value = row.cells[at].mean.value
    return value if value is None or table.columns[at].direction == "higher" else -value
