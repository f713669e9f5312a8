"""Oracles that use all their samples: every seed scores the same set, so a row has one value, not one per seed."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.table import Column, Row
from benchmark.store import Record


def values_of(metric: str, records: Sequence[Record]) -> dict[int, float]:
    """Return a row's values by seed; only the first if all are scores of one exhausted set."""
    values = {record.seed: record.scores[metric].value for record in records if metric in record.scores}
    if len(set(values.values())) == 1 and all(_is_exhausted(metric, record) for record in records):
        return dict(list(values.items())[:1])
    return values


def _is_exhausted(metric: str, record: Record) -> bool:
    """Return whether a record is of an oracle that had fewer samples for a metric than its evaluator requests."""
    if record.kind != "control" or record.row != "oracle":
        return False
    requested = [count for count in record.identity.get("evaluators", {}).values() if isinstance(count, int)]
    used = record.protocol.get(metric, {}).get("n_samples")
    return used is not None and used not in requested and used < max(requested, default=0)


def exhausted_notes(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """Return notes on the values that do not depend on the seed."""
    return [
        f"{row.label}: {column.metric} uses all available samples and is the same at every seed, so it counts once."
        for row in rows
        for column, cell in zip(columns, row.cells, strict=True)
        if cell.mean.n == 1 < row.finished and _is_exhausted(column.metric, row.records[0])
    ]
