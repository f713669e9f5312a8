"""Files that runs saved with their records, and the run that represents a row."""

from __future__ import annotations

from statistics import median_low
from typing import Any

from numpy.typing import NDArray

from benchmark.leaderboard import Row, Table
from benchmark.store import Kept


def typical(table: Table, row: Row) -> int:
    """Return the seed that represents a row: the median by what orders the table, else the first one."""
    at = table.column(table.sort) if table.sort is not None else None
    values = row.cells[at].values if at is not None else {}
    if not values:
        return min(row.states)
    middle = median_low(values.values())
    return min(seed for seed, value in values.items() if value == middle)


def typical_samples(kept: Kept, table: Table) -> dict[str, tuple[int, NDArray[Any]]]:
    """Return the seed and the samples of the run that represents each row, of those rows that kept them."""
    found = {}
    for row in table.rows:
        seed = typical(table, row)
        record = next((one for one in row.records if one.seed == seed), None)
        samples = None if record is None else kept.samples(record)
        if samples is not None:
            found[row.label] = (seed, samples)
    return found


def oracle_samples(kept: Kept, table: Table) -> list[NDArray[Any]]:
    """Return the samples that the oracle's runs kept: the truth as far as records hold it."""
    row = table.row("oracle")
    records = [record for record in row.records if record.kind == "control"] if row is not None else []
    return [samples for record in records if (samples := kept.samples(record)) is not None]


def is_plane(samples: NDArray[Any]) -> bool:
    """Whether samples are points in the plane [N, 2]."""
    return samples.ndim == 2 and samples.shape[1] == 2
