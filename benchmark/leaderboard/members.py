"""Which records stand behind a row of a table, to find what lies beside them on disk."""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.leaderboard.build import by_label
from benchmark.leaderboard.grouping import groups_of
from benchmark.store import Record


def members(records: Iterable[Record], caption: str, label: str) -> list[Record]:
    """List the records of one row, by the caption of its table and its label there."""
    ordered = sorted(records, key=lambda record: (record.problem, record.row, record.seed, record.key))
    for group in groups_of(ordered):
        if group.caption == caption:
            return by_label(group.records).get(label, [])
    return []
