"""The notes below a table: how to read it, why it is separate, its constants, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.exhausted_oracle import exhausted_notes
from benchmark.leaderboard.grouping import TableRecords, flat
from benchmark.leaderboard.table import Column, Row
from benchmark.leaderboard.way import Way

MOST_ABSENCES = 12  # absences that a table's notes list one by one


def notes_of(group: TableRecords, columns: Sequence[Column], rows: Sequence[Row], baseline: str) -> tuple[str, ...]:
    """Return the notes of a table: how to read it, why it is separate, its constants, and what is missing."""
    notes = ["Mean ± half-width of the 95 % Student-t interval over finished runs; no ± means fewer than two of them."]
    if any(cell.mean.half_width == 0.0 for row in rows for cell in row.cells):
        notes.append("± 0: all runs gave the same value, which is no evidence that the true spread is zero.")
    if any(row.failures for row in rows):
        notes.append("Means leave out failed runs; rows without a finished run are listed last.")
    if any(row.observed for row in rows):
        notes.append(
            "observed: partial runs miss modes or classes, or give one less than a quarter of its share; in "
            "oscillating runs the critic's preference flipped repeatedly. Both finished and count in every mean."
        )
    marks = {row.mark for row in rows}
    if "control" in marks:
        notes.append("(control) marks rows that are not trained as a game: bounds and references, never ranked.")
    if "submission" in marks:
        notes.append(
            "(submission) marks samples made outside the benchmark; their budget is unknown, so they are never ranked."
        )
    if group.split:
        notes.append(
            "This problem has other tables, which are not comparable with this one. "
            f"This one has {'; '.join(group.split)}."
        )
    if "" in marks and "control" not in marks:
        notes.append("No control row (oracle, untrained, ...) is recorded under this table's protocol.")
    if "" in marks and not any(row.label == baseline for row in rows):
        notes.append(f"This table has no run of the baseline {baseline}.")
    return (
        *notes,
        *exhausted_notes(columns, rows),
        *_seed_notes(rows),
        *_coupled(group),
        *_constants(columns),
        *_unequal_constants(group, columns),
        *_direction_notes(group, columns),
        *_absences(columns, rows),
    )


def share_notes(way: Way | None) -> tuple[str, ...]:
    """Return the note that defines a table's shares."""
    if way is None:
        return ()
    scale = "logarithmic" if way.logarithmic else "linear"
    return (
        f"share: {way.metric} normalised from untrained (0) to oracle (1) on a {scale} scale, mean over all runs; "
        "a failed run counts as 0.",
    )


def _seed_notes(rows: Sequence[Row]) -> list[str]:
    seeds = {frozenset(row.states) for row in rows if not row.control}
    if len(seeds) > 1:
        return ["Rows have different seeds; compare paired differences on common seeds only."]
    return []


def _coupled(group: TableRecords) -> list[str]:
    """Name the rows whose penalty is not the paper's, because their critic couples the samples of a batch."""
    rows = dict.fromkeys(record.row for record in group.records if record.identity.get("coupled_gradients"))
    if not rows:
        return []
    coupled = "the paper's penalty uses each sample's own gradient, but this critic couples the samples of a batch"
    return [f"{', '.join(rows)}: {coupled}."]


def _constants(columns: Sequence[Column]) -> list[str]:
    """List the constants behind the scores, once for all metrics that share them."""
    sharing: dict[str, list[str]] = {}
    for column in columns:
        if column.protocol:
            text = ", ".join(f"{path} {_short(value)}" for path, value in column.protocol.items())
            sharing.setdefault(text, []).append(column.metric)
    return [f"{', '.join(metrics)}: {text}." for text, metrics in sharing.items()]


def _unequal_constants(group: TableRecords, columns: Sequence[Column]) -> list[str]:
    """List the rows measured with different constants, such as a control that has fewer samples.

    A value that differs within a row, such as a bandwidth chosen for each run, is not a constant.
    """
    notes = []
    for column in columns:
        rows: dict[str, dict[str, set[str]]] = {}  # path -> row -> values
        last: dict[str, object] = {}
        written: tuple[object, dict[str, str]] = (None, {})
        for record in group.records:
            facts = record.protocol.get(column.metric, {})
            if facts == last.get(record.row):
                continue  # the usual case, and ten times as fast as comparing
            last[record.row] = facts
            if facts != written[0]:  # most rows share their constants; flattening them again took a third of the time
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
                notes.append(f"{column.metric}: {path} differs between rows: {listed}.")
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
            notes.append(f"{column.metric}: records disagree on its direction, so it is not used for ranking.")
    return notes


def _absences(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    found = [
        f"{column.metric} is absent for {row.label} ({count} of {row.finished} runs): {reason}."
        for row in rows
        for column, cell in zip(columns, row.cells, strict=True)
        for reason, count in cell.absent.items()
    ]
    more = len(found) - MOST_ABSENCES
    rest = [f"... and {more} more absences; the JSON output lists all of them."] if more > 0 else []
    return found[:MOST_ABSENCES] + rest
