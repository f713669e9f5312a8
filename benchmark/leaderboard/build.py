"""Build tables from records alone."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmark.leaderboard.exhausted_oracle import values_of
from benchmark.leaderboard.grouping import TableRecords, flat, plays_no_game, table_records
from benchmark.leaderboard.ladder import calm_notes
from benchmark.leaderboard.notes import notes_of, share_notes
from benchmark.leaderboard.published import Published
from benchmark.leaderboard.share import way, with_shares
from benchmark.leaderboard.table import Cell, Column, Row, Table
from benchmark.stats import Mean, mean_interval
from benchmark.store import LARGEST, Record
from objectives.foundation.names import resolve

ALL = "all"
# What of an identity changes no setting: threads and backend; the file of a submission, each seed's its own.
ARITHMETIC, FILE = "arithmetic", "samples"
Metrics = Mapping[str, Sequence[str]] | Sequence[str]  # per problem the primary metric first, or one list for all


def tables(
    records: Iterable[Record], metrics: Metrics | None = None, sort: str | None = None, baseline: str = "ns"
) -> list[Table]:
    """Build a table for each set of comparable records.

    Columns are the requested metrics, in that order: by default each problem's headline, with `ALL` all of them. Rows
    are ordered by `sort`, by default the first column. Means are over finished runs; failures are counted separately,
    and rows that never finished come last.
    """
    known = sorted(records, key=lambda record: record.order)
    names = {metric for record in known for metric in (*record.scores, *record.absent)}
    if sort is not None:
        sort = resolve(sort, names, "metric")
    if metrics is not None and not isinstance(metrics, Mapping) and ALL not in metrics:
        metrics = [resolve(metric, names, "metric") for metric in metrics]
    return [_table(group, _columns_wanted(metrics, sort, group), sort, baseline) for group in table_records(known)]


def tables_with(own: Sequence[Record], others: Sequence[Record]) -> list[Table]:
    """Return the tables with records of one row, with all their metrics; the headline's come first."""
    found = dict.fromkeys(metric for record in own for metric in (*record.scores, *record.absent))
    first = [metric for record in own for metric in record.headline if metric in found]
    metrics = list(dict.fromkeys([*first, *found]))
    rows = {(record.problem, record.row) for record in own}
    known = {record.problem for record in own}
    built = tables([*own, *(record for record in others if record.problem in known)], metrics)
    return [table for table in built if any((table.problem, row.records[0].row) in rows for row in table.rows)]


def with_published(tables: Iterable[Table], numbers: Sequence[Published]) -> list[Table]:
    """Return the tables with papers' numbers for their problems; nothing else changes."""
    return [replace(table, published=tuple(one for one in numbers if one.problem == table.problem)) for table in tables]


def _columns_wanted(metrics: Metrics | None, sort: str | None, group: TableRecords) -> Sequence[str] | None:
    """Return the names of the columns, None for all; the one that orders rows is always among them."""
    chosen = _choose(metrics, group)
    return chosen if chosen is None or sort is None or sort in chosen else [*chosen, sort]


def _choose(metrics: Metrics | None, group: TableRecords) -> Sequence[str] | None:
    if isinstance(metrics, Mapping):
        return metrics.get(group.problem)
    if metrics is None:
        return [metric for record in group.records for metric in record.headline] or None
    return None if ALL in metrics else metrics


def _table(group: TableRecords, wanted: Sequence[str] | None, sort: str | None, baseline: str) -> Table:
    columns = _columns(group.records, wanted)
    rows = [_row(label, members, columns) for label, members in _by_label(group.records).items()]
    names = [column.metric for column in columns]
    sort = sort if sort in names else next(iter(names), None)
    at = names.index(sort) if sort is not None else None
    found = None if at is None else way(columns[at], at, rows)
    ordered = _sort(rows if at is None or found is None else with_shares(rows, found, at), columns, sort)
    table = Table(
        problem=group.problem,
        track=group.track,
        comparable=group.comparable,
        columns=columns,
        rows=ordered,
        sort=sort,
        baseline=baseline if any(row.label == baseline for row in rows) else None,
        split=group.split,
        notes=(*notes_of(group, columns, ordered, baseline), *share_notes(found)),
        way=found,
    )
    return replace(table, notes=(*table.notes, *calm_notes(table)))


def _columns(records: Sequence[Record], wanted: Sequence[str] | None) -> tuple[Column, ...]:
    """Return the columns in the requested order, else in the order of the records' metrics."""
    objectives_first = sorted(records, key=lambda record: record.kind != "objective")
    found = dict.fromkeys(metric for record in objectives_first for metric in record.scores)
    found |= dict.fromkeys(metric for record in objectives_first for metric in record.absent)
    chosen = found if wanted is None else [metric for metric in dict.fromkeys(wanted) if metric in found]
    return tuple(_column(metric, records) for metric in chosen)


def _column(metric: str, records: Sequence[Record]) -> Column:
    directions = {record.scores[metric].direction for record in records if metric in record.scores}
    facts = [record.protocol[metric] for record in records if isinstance(record.protocol.get(metric), dict)]
    leaves = [flat(fact) for fact in _distinct(facts)]
    agreed = {path: value for path, value in (leaves[0] if leaves else {}).items() if _all_agree(path, value, leaves)}
    return Column(metric, directions.pop() if len(directions) == 1 else "none", agreed)


def _distinct(facts: Sequence[Any]) -> list[Any]:
    distinct: list[Any] = []
    for fact in facts:
        if fact not in distinct:
            distinct.append(fact)
    return distinct


def _all_agree(path: str, value: str, leaves: Sequence[Mapping[str, str]]) -> bool:
    return all(other.get(path, value) == value for other in leaves)


def _by_label(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Return the members of each row; a label under which code or settings differ, or a seed repeats, is split."""
    rows: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        rows[record.row].append(record)
    split: dict[str, list[Record]] = {}
    for label, members in rows.items():
        if _once_each(members) and _alike(members):
            split[label] = members
        else:
            split |= _variants(label, members)
    return split


def _once_each(members: Sequence[Record]) -> bool:
    return len({record.seed for record in members}) == len(members)


def _alike(members: Sequence[Record]) -> bool:
    """Return whether identities differ only in the seed, the arithmetic, which only affects rounding, and the file."""
    first, *others = (_settings(record) for record in members)
    return all(settings == first for settings in others)


def _settings(record: Record) -> dict[str, Any]:
    settings = dict(record.identity)
    settings.pop("seed", None)
    for name in (ARITHMETIC, FILE):
        settings.pop(name, None)
    settings["kind"] = record.kind
    return settings


def _variants(label: str, members: Sequence[Record]) -> dict[str, list[Record]]:
    """Split a label by the facts in which its members differ; by arithmetic or file only where a seed would repeat."""
    leaves = {record.key: flat(record.identity) | {"kind": record.kind} for record in members}
    paths = sorted({path for own in leaves.values() for path in own if path != "seed"})
    apart = [path for path in paths if len({own.get(path) for own in leaves.values()}) > 1]
    settings = [path for path in apart if path.partition(".")[0] not in (ARITHMETIC, FILE)]
    variants = _by_facts(label, members, leaves, settings)
    return variants if all(map(_once_each, variants.values())) else _by_facts(label, members, leaves, apart)


def _by_facts(
    label: str, members: Sequence[Record], leaves: Mapping[str, Mapping[str, str]], paths: Sequence[str]
) -> dict[str, list[Record]]:
    variants: dict[str, list[Record]] = defaultdict(list)
    for record in members:
        facts = ", ".join(f"{path}={leaves[record.key].get(path, 'none')}" for path in paths)
        variants[f"{label} ({facts})"].append(record)
    return dict(variants)


def _row(label: str, members: Sequence[Record], columns: Sequence[Column]) -> Row:
    finished = [record for record in members if record.end.state == "ok"]
    return Row(
        label=label,
        control=plays_no_game(members[0]),
        states={record.seed: record.end.state for record in members},
        cells=tuple(_cell(column.metric, finished) for column in columns),
        compute=_compute(members),
        records=tuple(members),
    )


def _cell(metric: str, finished: Sequence[Record]) -> Cell:
    values = values_of(metric, finished)
    reasons = Counter(record.absent.get(metric, "not computed") for record in finished if metric not in record.scores)
    return Cell(values, mean_interval(list(values.values())), dict(reasons.most_common()))


def _compute(members: Sequence[Record]) -> dict[str, Mean]:
    """Average the cost of runs, including failed ones; values that are not numbers are skipped."""
    amounts: dict[str, list[float]] = defaultdict(list)
    for record in members:
        for name, amount in record.compute.items():
            if type(amount) in (int, float) and abs(amount) <= LARGEST:
                amounts[name].append(float(amount))
    return {name: mean_interval(values) for name, values in amounts.items()}


def _sort(rows: Sequence[Row], columns: Sequence[Column], sort: str | None) -> tuple[Row, ...]:
    """Order rows by a column, best first; without a value after those, and never finished at the very end."""
    index = next((position for position, column in enumerate(columns) if column.metric == sort), None)
    sign = {"higher": -1.0, "lower": 1.0, "none": 0.0}[columns[index].direction] if index is not None else 0.0

    def place(row: Row) -> tuple[bool, bool, float, str]:
        value = row.cells[index].mean.value if index is not None else None
        return (row.finished == 0, value is None, sign * value if value is not None else math.inf, row.label)

    return tuple(sorted(rows, key=place))
