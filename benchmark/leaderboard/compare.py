"""Compare two rows, or all rows with the baseline: differences, their uncertainty, and a verdict in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmark.errors import UserError
from benchmark.leaderboard.build import Metrics, tables
from benchmark.leaderboard.spelled import row_named
from benchmark.leaderboard.table import Column, Row, Table
from benchmark.leaderboard.verdict import ALPHA, Counted, Evidence, Verdict, judge
from benchmark.stats import (
    Difference,
    FailureTest,
    Interval,
    Probability,
    as_losses,
    fisher_test,
    holm,
    holm_levels,
    holm_of_failures,
    paired_difference,
    probability_of_improvement,
    welch_difference,
    wilson,
)
from benchmark.store import Direction, Record

FEWEST_PAIRS = 3


@dataclass(frozen=True)
class Side:
    """One of the two rows: its runs, and its failure rate with Wilson's interval."""

    label: str
    runs: int
    failed: int
    failure_rate: Interval | None
    records: tuple[Record, ...] = field(default=(), repr=False)

    @property
    def counted(self) -> Counted:
        """Label, runs and failures, as verdicts take them."""
        return self.label, self.runs, self.failed


@dataclass(frozen=True)
class Pair:
    """Two rows of one table compared by one metric, before any correction and verdict."""

    caption: str
    problem: str
    metric: str
    direction: Direction
    a: Side
    b: Side
    paired: Difference  # over the seeds that both finished
    welch: Difference  # over all finished runs
    improvement: Probability | None  # P(a run of a beats one of b), failures last; None for a metric without direction
    failures: FailureTest  # of both sides' runs, not corrected

    @property
    def difference(self) -> Difference:
        """The difference that the verdict is from: paired where three seeds or more are shared.

        At one seed both rows see the same data, noise and initial weights. Below three pairs the one degree of freedom
        costs more than the pairing gains.
        """
        return self.paired if self.paired.n_a >= FEWEST_PAIRS else self.welch


@dataclass(frozen=True)
class Comparison(Pair):
    """Row a against row b, judged among all that was compared together."""

    p_corrected: float | None  # of the difference; Holm, over all that was compared together
    p_failures: float | None  # of the failures; Holm, over all whose failures could have been significant
    verdict: Verdict

    @property
    def by_failures(self) -> bool:
        """Whether the verdict is from the failures: they are significant, or a row has no finished run."""
        significant = self.p_failures is not None and self.p_failures < ALPHA
        return significant or any(0 < side.runs == side.failed for side in (self.a, self.b))


def compare(
    records: Iterable[Record], a: str, b: str, metric: str | None = None, *, metrics: Metrics | None = None
) -> list[Comparison]:
    """Compare two rows in every table that has both, with Holm's correction over these tables.

    The metric is the requested one, else each table's first (`metrics` orders them per problem).
    """
    return compare_each(records, a, [b], metric, metrics=metrics)


def compare_each(
    records: Iterable[Record],
    a: str,
    others: Sequence[str],
    metric: str | None = None,
    *,
    metrics: Metrics | None = None,
) -> list[Comparison]:
    """Compare one row with each of several others in every table that has both, with Holm's correction over all."""
    built = tables(records, [metric] if metric is not None else metrics)
    labels = {row.label for table in built for row in table.rows}
    a, *others = (row_named(label, labels) for label in (a, *others))
    return _correct([pair for b in others for pair in _pairs(built, a, b)])


def _pairs(built: Sequence[Table], a: str, b: str) -> list[Pair]:
    """Return the two rows of every table that has both."""
    if a == b:
        raise UserError(f"Cannot compare {a!r} with itself.")
    shared = [table for table in built if table.row(a) and table.row(b)]
    if not shared:
        raise UserError(f"No table holds both {a!r} and {b!r}: they share no problem, track, budget and protocol.")
    shared = [table for table in shared if table.columns]
    if not shared:
        raise UserError(f"Nothing was measured where both {a!r} and {b!r} ran: no run finished.")
    return [_pair(table, table.columns[0], a, b) for table in shared]


def against_baseline(table: Table, metric: str | None = None, baseline: str | None = None) -> list[Comparison]:
    """Compare each objective of a table with its baseline, Holm's correction over the rows; without one, nothing."""
    base = table.baseline if baseline is None else baseline
    at = table.column(metric or table.sort or "")
    if base is None or at is None or table.row(base) is None:
        return []
    rows = [row.label for row in table.rows if not row.control and row.label != base]
    return _correct([_pair(table, table.columns[at], label, base) for label in rows])


def _pair(table: Table, column: Column, a: str, b: str) -> Pair:
    first, second = _row(table, a), _row(table, b)
    at = table.columns.index(column)
    values_a, values_b = first.cells[at].values, second.cells[at].values
    one, other = _side(first), _side(second)
    return Pair(
        caption=table.caption,
        problem=table.problem,
        metric=column.metric,
        direction=column.direction,
        a=one,
        b=other,
        paired=paired_difference(values_a, values_b),
        welch=welch_difference(list(values_a.values()), list(values_b.values())),
        improvement=_improvement(first, second, at, column.direction),
        failures=fisher_test(one.failed, one.runs, other.failed, other.runs),
    )


def _row(table: Table, label: str) -> Row:
    row = table.row(label)
    if row is None:
        raise UserError(f"The table {table.caption!r} has no row {label!r}.")
    return row


def _side(row: Row) -> Side:
    failed = row.runs - row.finished
    return Side(row.label, row.runs, failed, wilson(failed, row.runs), row.records)


def _improvement(a: Row, b: Row, at: int, direction: Direction) -> Probability | None:
    if direction == "none":
        return None
    return probability_of_improvement(row_losses(a, at, direction), row_losses(b, at, direction))


def row_losses(row: Row, at: int, direction: Direction) -> list[float]:
    """Return the runs of a row as losses.

    A failed run is infinitely bad; a finished run without the metric is left out.
    """
    values = row.cells[at].values
    runs = [(seed, state) for seed, state in sorted(row.states.items()) if state != "ok" or seed in values]
    scores = [values[seed] if state == "ok" else None for seed, state in runs]
    return as_losses(scores, "higher" if direction == "higher" else "lower")


def _correct(pairs: Sequence[Pair]) -> list[Comparison]:
    """Correct p-values in two families, of scores and of failures, and judge."""
    raw = [one.difference.p for one in pairs]
    corrected = zip(holm(raw), holm_levels(raw, ALPHA), holm_of_failures([one.failures for one in pairs]), strict=True)
    return [
        Comparison(**vars(one), p_corrected=p, p_failures=failures, verdict=judge(_evidence(one, p, level, failures)))
        for one, (p, level, failures) in zip(pairs, corrected, strict=True)
    ]


def _evidence(one: Pair, p: float | None, level: float, failures: float | None) -> Evidence:
    beats = None if one.improvement is None else one.improvement.value
    return Evidence(
        one.a.counted, one.b.counted, one.direction, one.difference, one.welch.deviation, beats, p, level, failures
    )
