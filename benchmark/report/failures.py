"""How runs ended, by type."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from benchmark.leaderboard import Row, Table
from benchmark.leaderboard.text import label
from benchmark.stats import wilson
from benchmark.store.record import STATES


@dataclass(frozen=True)
class Bar:
    """A part of a row's bar: the state, its count, and where it starts and how wide it is, in hundredths."""

    state: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class Ends:
    """How the runs of a row ended."""

    label: str
    runs: int
    counts: tuple[int, ...]  # by state, as STATES has them
    bars: tuple[Bar, ...]
    rate: float
    rate_text: str


def ends(table: Table) -> list[Ends]:
    """Count the ends of each row that failed at least once, the most failures first."""
    failed = [row for row in table.rows if row.failures]
    return [_ends(row) for row in sorted(failed, key=lambda row: (row.finished / row.runs, row.label))]


def _ends(row: Row) -> Ends:
    counted = Counter(row.states.values())
    counts = tuple(counted.get(state, 0) for state in STATES)
    bars, start = [], 0.0
    for state, count in zip(STATES, counts, strict=True):
        width = 100 * count / row.runs
        if count:
            bars.append(Bar(state, count, start, width))
        start += width
    failed = row.runs - row.finished
    interval = wilson(failed, row.runs)
    bounds = "" if interval is None else f" [{interval.low:.0%}, {interval.high:.0%}]"
    return Ends(label(row), row.runs, counts, tuple(bars), failed / row.runs, f"{failed / row.runs:.0%}{bounds}")
