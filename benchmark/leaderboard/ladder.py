"""The ladder of a table: each row's share of the way at the rungs of the budget, and what has settled."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.leaderboard.rungs import budget_of
from benchmark.leaderboard.share import shares_of
from benchmark.leaderboard.table import Row, Table
from benchmark.stats import Mean, kendall_tau, mean_interval, split_half_tau

CALM = 0.05  # share: a row has settled if its change over the last rung is within this distance of 0
DIGITS = 9  # of a share, which rounding leaves as they are
# Tau between halves of the seeds from which an order may count as settled. Of simulated tables (36 rows, 5 seeds) whose
# order truly changes by tau 0.65 over the last rung, the rule passes 3 % where halves agree to 0.75, and 92 % at 0.5.
CEILING = 0.75
FLOOR = 0.05  # a row with a smaller share has not begun to improve, which does not count as settled


@dataclass(frozen=True)
class Step:
    """A row at one budget: the share of each run by seed."""

    budget: int
    shares: Mapping[int, float]

    @property
    def mean(self) -> Mean:
        """The mean over runs with its interval."""
        return mean_interval(list(self.shares.values()))


@dataclass(frozen=True)
class Calm:
    """How a row's share changed over the last rung, and whether it has settled."""

    change: Mean
    settled: bool


@dataclass(frozen=True)
class OrderCalm:
    """The agreement of a table's order with the one at the rung before, and that between halves of the seeds."""

    budget: int
    before: int
    tau: float
    halves: float

    @property
    def verdict(self) -> Literal["settled", "not settled", "too noisy to say"]:
        """Return whether the order changed no more from rung to rung than from half to half of the seeds.

        Where halves of the seeds agree little, hardly any change would be more than that, so nothing is said.
        """
        if self.tau < self.halves:
            return "not settled"
        return "settled" if self.halves >= CEILING else "too noisy to say"


def steps(table: Table, row: Row) -> list[Step]:
    """Return a row at each budget at which its runs were scored, the smallest first; empty without shares."""
    if table.way is None:
        return []
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for record in row.records:
        budget = budget_of(record)
        ends = [(rung.gradient_evaluations, rung.end, rung.scores) for rung in record.rungs]
        if not ends and budget is not None:
            ends = [(budget, record.end, record.scores)]
        for at, end, scores in ends:
            score = scores.get(table.way.metric)
            values = {} if score is None else {record.seed: score.value}
            found[at] |= shares_of(values, {record.seed: end.state}, table.way, control=False)
    return [Step(budget, shares) for budget, shares in sorted(found.items()) if shares]


def places(known: Mapping[str, Sequence[Step]]) -> dict[str, dict[int, float]]:
    """Return each row's place at each budget by its mean share, among the rows scored there; a tie shares the mean."""
    shares = {
        label: {step.budget: round(step.mean.value or 0.0, DIGITS) for step in own} for label, own in known.items()
    }
    found: dict[str, dict[int, float]] = {label: {} for label in known}
    for budget in sorted({budget for own in shares.values() for budget in own}):
        ordered = sorted((own[budget] for own in shares.values() if budget in own), reverse=True)
        for label, own in shares.items():
            if budget in own:
                found[label][budget] = ordered.index(own[budget]) + (ordered.count(own[budget]) + 1) / 2
    return found


def calm(table: Table, row: Row) -> Calm | None:
    """Return whether a row has settled: the 95 % interval of its share's change is within ±0.05, above the floor."""
    known = steps(table, row)
    if len(known) < 2:
        return None
    before, last = known[-2].shares, known[-1].shares
    common = sorted(before.keys() & last.keys())
    change = mean_interval([last[seed] - before[seed] for seed in common])
    if change.interval is None:
        return Calm(change, settled=False)
    within = change.interval.low >= -CALM and change.interval.high <= CALM
    return Calm(change, settled=within and math.fsum(last.values()) / len(last) > FLOOR)


def order_calm(table: Table) -> OrderCalm | None:
    """Compare the order of a table with that at the previous rung; None if there are too few runs."""
    known = {row.label: steps(table, row) for row in table.rows if not row.control}
    lengths = [tuple(step.budget for step in own) for own in known.values()]
    last = max((own[-1] for own in lengths if own), default=None)
    before = max((own[-2] for own in lengths if len(own) > 1 and own[-1] == last), default=None)
    if last is None or before is None:
        return None
    shares = {label: {step.budget: step.shares for step in own} for label, own in known.items()}
    kept = [own for own in shares.values() if last in own and before in own]
    seeds = sorted(set.intersection(*(set(own[last]) for own in kept))) if kept else []
    tau = kendall_tau(*([_mean(own[at]) for own in kept] for at in (before, last)))
    halves = split_half_tau([[own[last][seed] for seed in seeds] for own in kept], np.random.default_rng(0))
    return None if tau is None or halves is None else OrderCalm(last, before, tau, halves)


def calm_notes(table: Table) -> list[str]:
    """Return the notes on whether a table's order is settled."""
    found = order_calm(table)
    if found is None:
        return []
    last, before = f"{found.budget:,}", f"{found.before:,}"
    said, than, rest = {
        "settled": ("settled", "no more", ""),
        "not settled": ("not settled", "more", ""),
        "too noisy to say": (
            "too noisy to say whether it is settled",
            "no more",
            f"; below {CEILING:g} changes hardly show",
        ),
    }[found.verdict]
    return [
        f"The order is {said} at {last} gradient evaluations: it changed {than} since {before} than between halves of "
        f"the seeds (Kendall's tau {found.tau:.2f}; between halves {found.halves:.2f}{rest}).",
        f"settled: whether the 95 % interval of the change in a row's share since {before} lies within ±{CALM:g}.",
    ]


def _mean(shares: Mapping[int, float]) -> float:
    return math.fsum(shares.values()) / len(shares)
