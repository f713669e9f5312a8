"""One scale for all problems: the share of the way from the untrained generator (0) to the oracle (1).

share = (x - u) / (o - u)                  bounded scores, such as the number of modes
share = log(u / x) / log(u / o)            distances, Fréchet's and transport, which fall by factors

x a run's score, u and o the mean of the controls `untrained` and `oracle`, for distances the geometric mean. A linear
scale would put every objective that beats noise within a few hundredths of the oracle. A run that failed, or ended
below the untrained generator, has 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmark.leaderboard.table import Cell, Column, Row
from benchmark.stats import mean_interval

UNTRAINED, ORACLE = "untrained", "oracle"
DISTANCES = ("fd", "fid", "w1", "w2", "sliced_w2")
LIKELIHOODS = ("parzen",)  # k-means passes the oracle by Parzen windows (Theis et al., 2016, arXiv:1511.01844)


@dataclass(frozen=True)
class Way:
    """The way from untrained to oracle by one metric; for a distance both ends are logarithms."""

    start: float
    end: float
    logarithmic: bool

    def share(self, value: float) -> float:
        """Return how much of the way a score has gone."""
        moved = math.log(value) if self.logarithmic else value
        return (moved - self.start) / (self.end - self.start)


def way(column: Column, at: int, rows: Sequence[Row]) -> Way | None:
    """Return the way by a column; None without both controls, or where the oracle is no better than untrained."""
    values = {row.label: list(row.cells[at].values.values()) for row in rows if row.control}
    ends = [values.get(name, []) for name in (UNTRAINED, ORACLE)]
    if not all(ends) or column.direction == "none" or column.metric.startswith(LIKELIHOODS):
        return None
    logarithmic = _is_distance(column.metric) and all(
        value > 0 for row in rows for value in row.cells[at].values.values()
    )
    start, end = (math.fsum(math.log(x) if logarithmic else x for x in own) / len(own) for own in ends)
    rises = end > start if column.direction == "higher" else end < start
    return Way(start, end, logarithmic) if rises else None


def _is_distance(metric: str) -> bool:
    name = metric.partition("-")[0]
    return any(name == distance or name.startswith(f"{distance}_") for distance in DISTANCES)


def with_shares(rows: Sequence[Row], columns: Sequence[Column], sort: str | None) -> tuple[tuple[Row, ...], Way | None]:
    """Return the rows with each run's share by the metric that orders the table, and the way; as they are without."""
    at = next((position for position, column in enumerate(columns) if column.metric == sort), None)
    found = None if at is None else way(columns[at], at, rows)
    if at is None or found is None:
        return tuple(rows), None
    return tuple(replace(row, share=_share(row, row.cells[at], found)) for row in rows), found


def _share(row: Row, cell: Cell, found: Way) -> Cell:
    """Return the share of every run; one that finished without the metric says nothing and is left out."""
    shares = {seed: found.share(value) for seed, value in cell.values.items()}
    if not row.control:
        shares = {seed: max(0.0, share) for seed, share in shares.items()}
    shares |= {seed: 0.0 for seed, state in row.states.items() if state != "ok"}
    values = dict(sorted(shares.items()))
    return Cell(values, mean_interval(list(values.values())))
