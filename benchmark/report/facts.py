"""How each number was computed: protocol, sample sizes, fingerprints, versions, hardware."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.leaderboard.grouping import flat
from benchmark.leaderboard.text import readable
from benchmark.report.gather import Section
from benchmark.store import Record

Lines = tuple[tuple[str, str], ...]
MOST_VALUES = 6  # of one fact; the records contain the rest


@dataclass(frozen=True)
class TableFacts:
    """The facts behind one table."""

    equal: Lines  # what all of its rows have in common
    protocols: Lines  # metric(s), and the constants behind them
    environment: Lines  # versions and hardware of the runs
    notes: tuple[str, ...]


def facts(section: Section) -> TableFacts:
    """Collect the facts behind a table."""
    table = section.table
    sharing: dict[Lines, list[str]] = defaultdict(list)
    for column in table.columns:
        sharing[tuple((path, str(value)) for path, value in column.protocol.items())].append(column.metric)
    protocols = tuple(
        (readable(", ".join(metrics), 200), readable(", ".join(" ".join(pair) for pair in constants) or "none", 1000))
        for constants, metrics in sharing.items()
    )
    records = [record for row in table.rows for record in row.records]
    notes = tuple(readable(note, 2000) for note in table.notes)
    return TableFacts(_readable(flat(table.comparable).items()), protocols, _readable(_environment(records)), notes)


def _readable(pairs: Iterable[tuple[str, str]]) -> Lines:
    return tuple((readable(path), readable(value, 300)) for path, value in pairs)


def _environment(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Count the values of each fact of the environment."""
    alike = Counter(repr(record.environment) for record in records)  # thousands of runs share a few
    first = {repr(record.environment): record for record in reversed(records)}
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for text, count in alike.items():
        for path, value in flat(first[text].environment).items():
            values[path][value] += count
    values["device"] = Counter(str(device) for record in records if (device := record.compute.get("device")))
    values = {path: counts for path, counts in values.items() if counts}
    return [(path.removeprefix("versions."), _count_text(counts, len(records))) for path, counts in values.items()]


def _count_text(counts: Counter[str], total: int) -> str:
    if len(counts) == 1 and counts.total() == total:
        return next(iter(counts))
    said = [f"{value} ({count} runs)" for value, count in counts.most_common(MOST_VALUES)]
    more = len(counts) - MOST_VALUES
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")
