"""Which records may share a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmark.store import Record, canonical_json

LONGEST_VALUE = 24  # characters of a digest that a caption repeats


def plays_no_game(record: Record) -> bool:
    """Whether a record is never ranked among objectives: a control, a submission, or training without a critic."""
    return record.kind != "objective" or record.compute.get("critic_updates") == 0


@dataclass
class TableRecords:
    """The records that make one table."""

    problem: str
    track: str | None
    comparable: Mapping[str, Any]
    records: list[Record] = field(default_factory=list)
    split: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.leaves = flat(self.comparable)

    def takes(self, record: Record, leaves: Mapping[str, str]) -> bool:
        """Whether a record agrees with this group in everything it states."""
        agrees = all(self.leaves.get(path, value) == value for path, value in leaves.items())
        return agrees and record.problem == self.problem


def table_records(records: Iterable[Record]) -> list[TableRecords]:
    """Split records where problem, track or what must be comparable differs; submissions and controls join their like.

    One that leaves out an entry matches any value of it, and joins every group that it matches. Submissions that match
    no group form one of their own, which controls join; then controls do.
    """
    unique = {record.key: record for record in records}.values()
    groups = _by_comparable(record for record in unique if record.kind == "objective")
    for kind in ("submission", "control"):
        groups += _by_comparable(_without_home([record for record in unique if record.kind == kind], groups))
    return _with_splits(groups)


def _without_home(records: Iterable[Record], groups: Sequence[TableRecords]) -> list[Record]:
    """Put each record into every group that accepts it, and return those that no group accepts."""
    alone = []
    for record in records:
        leaves = flat(record.comparable)
        homes = [group for group in groups if group.takes(record, leaves)]
        for group in homes:
            group.records.append(record)
        if not homes:
            alone.append(record)
    return alone


def _by_comparable(records: Iterable[Record]) -> list[TableRecords]:
    groups: dict[tuple[str, str, str], TableRecords] = {}
    canonical: dict[str, str] = {}  # thousands of records share a few texts; repr finds them quickly
    for record in records:
        text = repr(record.comparable)
        if text not in canonical:
            canonical[text] = canonical_json(record.comparable)
        identity = (record.problem, record.track or "", canonical[text])
        if identity not in groups:
            groups[identity] = TableRecords(record.problem, record.track, record.comparable)
        groups[identity].records.append(record)
    return [groups[identity] for identity in sorted(groups)]


def _with_splits(groups: Sequence[TableRecords]) -> list[TableRecords]:
    """Write into each group how it differs from the other groups of its problem and track."""
    for group in groups:
        family = [other.leaves for other in groups if (other.problem, other.track) == (group.problem, group.track)]
        paths = sorted({path for leaves in family for path in leaves})
        apart = [path for path in paths if len({leaves.get(path) for leaves in family}) > 1]
        group.split = tuple(f"{path} = {_cut(group.leaves.get(path, 'none'))}" for path in apart)
    return sorted(groups, key=lambda group: (group.problem, group.track or ""))


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """List the leaves of nested facts by path, each as canonical JSON, plain text without its quotes."""
    leaves: dict[str, str] = {}
    for name, content in value.items():
        if isinstance(content, Mapping) and content:
            leaves |= flat(content, f"{prefix}{name}.")
        elif isinstance(content, str):
            leaves[prefix + name] = content if content and not _reads_as_json(content) else canonical_json(content)
        else:
            leaves[prefix + name] = canonical_json(content)
    return leaves


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def _reads_as_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
