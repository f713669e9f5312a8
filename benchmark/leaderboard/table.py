"""The data of a leaderboard table, before it is rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.leaderboard.published import Published
from benchmark.leaderboard.way import Way
from benchmark.stats import Aggregate, Mean, interquartile, iqm_weights
from benchmark.store import Direction, Record


@dataclass(frozen=True)
class Column:
    """One metric, which way it is better, and the constants of its computation that all records agree on."""

    metric: str
    direction: Direction
    protocol: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """One metric of one row over finished runs; `absent` counts the reasons for missing values."""

    values: Mapping[int, float]  # seed -> value: every seed is a dot
    mean: Mean
    absent: Mapping[str, int] = field(default_factory=dict)

    @property
    def iqm(self) -> Aggregate:
        """The interquartile mean, for JSON and CSV; computed on access, because its bootstrap takes time."""
        return interquartile(list(self.values.values()), _weights(len(self.values)))


@dataclass(frozen=True)
class Row:
    """One setting, control or submission: how each seed ended, and a cell for each column of its table."""

    label: str
    control: bool  # never ranked: a control, or a submission
    states: Mapping[int, str]  # seed -> end state
    cells: tuple[Cell, ...]
    compute: Mapping[str, Mean] = field(default_factory=dict)  # over all runs, failed ones too
    share: Cell | None = None  # of the way from untrained to oracle, over all runs
    records: tuple[Record, ...] = field(default=(), repr=False)  # its runs, in the order of their seeds

    @property
    def mark(self) -> str:
        """Return the word for a row that is never ranked, control or submission; nothing for an objective."""
        if not self.control:
            return ""
        return "submission" if any(record.kind == "submission" for record in self.records) else "control"

    @property
    def runs(self) -> int:
        """Number of runs, however they ended."""
        return len(self.states)

    @property
    def finished(self) -> int:
        """Number of runs that ended well."""
        return sum(state == "ok" for state in self.states.values())

    @property
    def failures(self) -> dict[str, int]:
        """Number of failed runs by type, the most frequent first."""
        return dict(Counter(state for _, state in sorted(self.states.items()) if state != "ok").most_common())

    @property
    def observed(self) -> dict[str, int]:
        """Number of runs that ended well by what was observed of them, such as partial; the most frequent first."""
        return dict(Counter(name for record in self.records for name in record.end.observed).most_common())


@dataclass(frozen=True)
class Table:
    """Rows that may be compared: one problem, one track, one budget, one protocol of evaluation."""

    problem: str
    track: str | None
    comparable: Mapping[str, Any]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str | None  # the column that ordered the rows
    baseline: str | None  # the row that others are compared to, where the table has it
    split: tuple[str, ...] = ()  # "budget = 1000": how this table differs from the problem's others of its track
    notes: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()  # papers' numbers, shown in a column of their own
    way: Way | None = None  # from untrained to oracle by `sort`, where both controls have it
    costs: Mapping[str, float] = field(default_factory=dict)  # ms per run and gradient evaluation, if measured apart

    @property
    def caption(self) -> str:
        """Problem and track, and how this table differs from its siblings."""
        parts = [self.problem, f"{self.track} track" if self.track else "", *self.split]
        return " · ".join(part for part in parts if part)

    def column(self, metric: str) -> int | None:
        """Return the index of a metric's column, or None."""
        return next((index for index, column in enumerate(self.columns) if column.metric == metric), None)

    def row(self, label: str) -> Row | None:
        """Return the row of this label, or None."""
        return next((row for row in self.rows if row.label == label), None)


@lru_cache(maxsize=8)
def _weights(n: int) -> NDArray[np.float64]:
    """Draw the resamples of all cells of n values, always the same: a table is a function of its records."""
    return iqm_weights(n, np.random.default_rng(0))
