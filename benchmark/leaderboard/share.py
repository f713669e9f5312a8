"""One scale for all problems: the share of the way from the untrained generator (0) to the oracle (1).

share = (x - u) / (o - u)                  bounded scores, such as the number of modes
share = log(u / x) / log(u / o)            distances (Fréchet, transport, to a support), which fall by factors

x a run's score, u and o the mean of the controls `untrained` and `oracle`, for distances the geometric mean. A linear
scale would put every objective that beats noise within a few hundredths of the oracle. A run that failed, or ended
below the untrained generator, has 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmark.leaderboard.table import Cell, Column, Row
from benchmark.leaderboard.way import Way
from benchmark.stats import mean_interval

UNTRAINED, ORACLE = "untrained", "oracle"
# The metrics that declare another scale than the linear one, as records state none and tables import no torch.
SCALES: Mapping[str, str] = {
    "fd": "logarithmic",
    "fd_infinity15": "logarithmic",
    "fd_within": "logarithmic",
    "fid": "logarithmic",
    "fid_infinity15": "logarithmic",
    "mind": "logarithmic",
    "parzen": "none",
    "sliced_w2_256": "logarithmic",
    "support_chamfer": "logarithmic",
    "w1_n500": "logarithmic",
}


def way(column: Column, at: int, rows: Sequence[Row]) -> Way | None:
    """Return the way by a column; None without both controls, or if the oracle is not better than untrained."""
    values = {row.label: list(row.cells[at].values.values()) for row in rows if row.control}
    ends = [values.get(name, []) for name in (UNTRAINED, ORACLE)]
    scale = SCALES.get(column.metric.partition("-")[0], "linear")
    if not all(ends) or column.direction == "none" or scale == "none":
        return None
    logarithmic = scale == "logarithmic" and all(value > 0 for row in rows for value in row.cells[at].values.values())
    start, end = (math.fsum(math.log(x) if logarithmic else x for x in own) / len(own) for own in ends)
    rises = end > start if column.direction == "higher" else end < start
    return Way(column.metric, start, end, logarithmic) if rises else None


def with_shares(rows: Sequence[Row], found: Way, at: int) -> list[Row]:
    """Return the rows with the share of each of their runs by the column at a position."""
    shared = []
    for row in rows:
        values = shares_of(row.cells[at].values, row.states, found, control=row.control)
        shared.append(replace(row, share=Cell(values, mean_interval(list(values.values())))))
    return shared


def shares_of(values: Mapping[int, float], states: Mapping[int, str], found: Way, *, control: bool) -> dict[int, float]:
    """Return the share of each run by seed; one that finished without the metric says nothing and is left out.

    A logarithm needs a positive value; what is not positive has gone as far as the oracle.
    """
    shares = {}
    for seed, state in sorted(states.items()):
        if state != "ok":
            shares[seed] = 0.0
        elif seed in values:
            value = values[seed]
            share = 1.0 if found.logarithmic and value <= 0 else found.share(value)
            shares[seed] = share if control else max(0.0, share)
    return shares
