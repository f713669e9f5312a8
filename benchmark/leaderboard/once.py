"""Scores of an oracle that uses all its samples: the same set at every seed, so one value."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.table import Column, Row
from benchmark.store import Record


def values_of(metric: str, records: Sequence[Record]) -> dict[int, float]:
    """Return a row's values by seed; only the first if all are values of one set."""
    values = {record.seed: record.scores[metric].value for record in records if metric in record.scores}
    if len(set(values.values())) == 1 and all(_is_whole(metric, record) for record in records):
        return dict(list(values.items())[:1])
    return values


def _is_whole(metric: str, record: Record) -> bool:
    """Return whether a record's metric is of fewer samples than any evaluator takes: the oracle has no more."""
    if record.kind != "control" or record.row != "oracle":
        return False
    counts = [count for count in record.identity.get("evaluators", {}).values() if isinstance(count, int)]
    found = record.protocol.get(metric, {}).get("n_samples")
    return found is not None and found not in counts and found < max(counts, default=0)


def once_notes(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """Return notes on the values that do not depend on the seed."""
    return [
        f"{row.label}: {column.metric} uses all available samples and is the same at every seed, so it counts once."
        for row in rows
        for column, cell in zip(columns, row.cells, strict=True)
        if cell.mean.n == 1 < row.finished and _is_whole(column.metric, row.records[0])
    ]
