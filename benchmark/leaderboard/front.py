"""Quality against cost: the Pareto front of the objectives."""

from __future__ import annotations

from benchmark.leaderboard.cost import seconds_of
from benchmark.leaderboard.table import Row, Table

ALIKE = 1.05  # ratio of seconds: what differs less is noise of the measurement


def front(table: Table) -> list[str]:
    """Return the labels of the front, the cheapest first: rows that no other row dominates.

    Quality is the mean share, with failed runs counted as 0, or the mean of the first metric over finished runs in a
    table without shares; cost is the seconds of a run, of which those within 5 % are equal. Controls are left out.
    """
    rows = [(row, seconds_of(table, row), _quality(table, row)) for row in table.rows if not row.control]
    known = sorted(
        (seconds, -value, row.label) for row, seconds, value in rows if seconds is not None and value is not None
    )
    return [own[2] for own in known if not any(_dominates(other, own) for other in known)]


def _dominates(other: tuple[float, float, str], own: tuple[float, float, str]) -> bool:
    """Return whether another row is better and costs no more; of equally good ones the cheaper dominates."""
    better = other[1] < own[1] and other[0] <= ALIKE * own[0]
    return better or (other[1] == own[1] and other < own)


def _quality(table: Table, row: Row) -> float | None:
    if row.share is not None:
        return row.share.mean.value
    at = table.column(table.sort or "")
    if at is None or table.columns[at].direction == "none":
        return None
    value = row.cells[at].mean.value
    return value if value is None or table.columns[at].direction == "higher" else -value
