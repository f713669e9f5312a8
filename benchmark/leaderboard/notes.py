"""The notes below a table: how to read it, why it stands apart, its constants and its gaps."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.grouping import TableRecords, flat
from benchmark.leaderboard.once import once_notes
from benchmark.leaderboard.table import Column, Row
from benchmark.leaderboard.way import Way

MOST_ABSENCES = 12  # a table's notes name so many absences one by one


def notes_of(group: TableRecords, columns: Sequence[Column], rows: Sequence[Row], baseline: str) -> tuple[str, ...]:
    """Return the notes of a table: how to read it, why it stands apart, its constants, its gaps."""
    notes = ["Mean ± half-width of the 95 % Student-t interval over finished runs; without ± there are fewer than two."]
    if any(cell.mean.half_width == 0.0 for row in rows for cell in row.cells):
        notes.append("± 0 marks runs that all gave the same value, which says nothing of their spread.")
    if any(row.failures for row in rows):
        notes.append("Failed runs are in no mean; rows that never finished stand last.")
    if any(row.observed for row in rows):
        notes.append(
            "observed: partial runs miss modes or classes, or hold less than a quarter of their share; in oscillating "
            "ones the critic's preference turned over again and again. Both ended well and are in every mean."
        )
    marks = {row.mark for row in rows}
    if "control" in marks:
        notes.append("(control) marks a row that plays no game: a bound or a reference, never ranked.")
    if "submission" in marks:
        notes.append(
            "(submission) marks samples brought from outside: their budget is not known, so they are never ranked."
        )
    if group.split:
        notes.append(
            f"This problem has other tables, which cannot be compared with this one: here {'; '.join(group.split)}."
        )
    if "" in marks and "control" not in marks:
        notes.append("No control row (oracle, untrained, ...) is recorded under this table's protocol.")
    if "" in marks and not any(row.label == baseline for row in rows):
        notes.append(f"The baseline {baseline} has no run here.")
    return (
        *notes,
        *once_notes(columns, rows),
        *_seed_notes(rows),
        *_coupled(group),
        *_constants(columns),
        *_unequal_constants(group, columns),
        *_direction_notes(group, columns),
        *_absences(columns, rows),
    )


def share_notes(way: Way | None) -> tuple[str, ...]:
    """Say what a table's shares are."""
    if way is None:
        return ()
    scale = "logarithmic" if way.logarithmic else "linear"
    return (
        f"share: of the way from untrained (0) to oracle (1) by {way.metric}, on a {scale} scale, over all runs; "
        "a failed run has 0.",
    )


def _seed_notes(rows: Sequence[Row]) -> list[str]:
    seeds = {frozenset(row.states) for row in rows if not row.control}
    if len(seeds) > 1:
        return ["Rows differ in their seeds; compare paired differences on the common ones only."]
    return []


def _coupled(group: TableRecords) -> list[str]:
    """Name the rows whose penalty is not the paper's, for their critic couples the samples of a batch."""
    rows = dict.fromkeys(record.row for record in group.records if record.identity.get("coupled_gradients"))
    if not rows:
        return []
    taken = "the critic's gradient is taken at single samples of a batch that the critic couples"
    return [f"{', '.join(rows)}: {taken}, so it is not a sample's own, as the paper means it."]


def _constants(columns: Sequence[Column]) -> list[str]:
    """Say what the scores depend on, once for all metrics that share it."""
    sharing: dict[str, list[str]] = {}
    for column in columns:
        if column.protocol:
            text = ", ".join(f"{path} {_short(value)}" for path, value in column.protocol.items())
            sharing.setdefault(text, []).append(column.metric)
    return [f"{', '.join(metrics)}: {text}." for text, metrics in sharing.items()]


def _unequal_constants(group: TableRecords, columns: Sequence[Column]) -> list[str]:
    """Say which rows were measured with other constants, such as a control with fewer samples to give.

    What differs within a row, such as a bandwidth chosen for each run, is no constant.
    """
    notes = []
    for column in columns:
        rows: dict[str, dict[str, set[str]]] = {}  # path -> row -> values
        last: dict[str, object] = {}
        written: tuple[object, dict[str, str]] = (None, {})
        for record in group.records:
            facts = record.protocol.get(column.metric, {})
            if facts == last.get(record.row):
                continue  # the usual case, and ten times as quick as looking closer
            last[record.row] = facts
            if facts != written[0]:  # rows mostly share their constants; writing them anew took a third of all tables
                written = facts, flat(facts)
            for path, value in written[1].items():
                rows.setdefault(path, {}).setdefault(record.row, set()).add(value)
        for path, values in rows.items():
            if any(len(found) > 1 for found in values.values()):
                continue
            by_value: dict[str, list[str]] = {}
            for row, found in values.items():
                by_value.setdefault(_short(*found), []).append(row)
            if len(by_value) > 1:
                listed = "; ".join(f"{value} for {', '.join(named)}" for value, named in sorted(by_value.items()))
                notes.append(f"{column.metric}: {path} is not the same for all rows: {listed}.")
    return notes


def _short(value: str) -> str:
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.4g}"
    except ValueError:
        return value


def _direction_notes(group: TableRecords, columns: Sequence[Column]) -> list[str]:
    notes = []
    for column in columns:
        stated = {record.scores[column.metric].direction for record in group.records if column.metric in record.scores}
        if len(stated) > 1:
            notes.append(f"{column.metric}: records disagree on its direction, so it ranks nothing.")
    return notes


def _absences(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    found = [
        f"{column.metric} is absent for {row.label} ({count} of {row.finished} runs): {reason}."
        for row in rows
        for column, cell in zip(columns, row.cells, strict=True)
        for reason, count in cell.absent.items()
    ]
    more = len(found) - MOST_ABSENCES
    return found[:MOST_ABSENCES] + ([f"... and {more} more absences; the JSON form lists all."] if more > 0 else [])
