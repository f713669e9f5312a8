"""Does one problem predict another? Kendall's tau between the orders of each pair of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmark.leaderboard.table import Row, Table
from benchmark.leaderboard.text import readable
from benchmark.stats import Aggregate, tau_interval

FEWEST = 5  # objectives that two tables must share


@dataclass(frozen=True)
class Agreement:
    """Tau-b between two tables' orders of their common objectives; tables are given by position."""

    first: int
    second: int
    tau: Aggregate


def agreements(tables: Sequence[Table]) -> list[Agreement]:
    """Return the agreement, by mean share, of each pair of tables with at least five common objectives.

    Intervals are from a bootstrap over objectives. Noise between seeds biases tau towards 0.
    """
    shares = [{row.label: value for row in table.rows if (value := _share(row)) is not None} for table in tables]
    draws, found = np.random.default_rng(0), []
    for first, second in combinations(range(len(tables)), 2):
        common = sorted(shares[first].keys() & shares[second].keys())
        if len(common) >= FEWEST:
            a, b = ([shares[at][label] for label in common] for at in (first, second))
            found.append(Agreement(first, second, tau_interval(a, b, draws)))
    return found


def agreement_text(tau: Aggregate) -> str:
    """Write a tau with its interval."""
    if tau.value is None:
        return "–"
    bounds = "" if tau.interval is None else f" [{tau.interval.low:z.2f}, {tau.interval.high:z.2f}]"
    return f"{tau.value:z.2f}{bounds}"


def agreement_sentence(tables: Sequence[Table], found: Sequence[Agreement] | None = None) -> str | None:
    """Name the two problems whose orders agree most, and least; None if no two can be compared."""
    known = [one for one in (agreements(tables) if found is None else found) if one.tau.value is not None]
    if not known:
        return None
    most, least = (choose(known, key=lambda one: one.tau.value or 0.0) for choose in (max, min))
    if most is least:
        return f"Kendall's tau between the orders of {_pair(tables, most)} is {agreement_text(most.tau)}."
    said = f"The orders of {_pair(tables, most)} agree most (Kendall's tau {agreement_text(most.tau)})"
    return f"{said}, those of {_pair(tables, least)} least ({agreement_text(least.tau)})."


def _pair(tables: Sequence[Table], one: Agreement) -> str:
    tracks = len({table.track for table in tables}) > 1
    names = [readable(t.caption if tracks else t.problem) for t in (tables[one.first], tables[one.second])]
    return " and ".join(names)


def _share(row: Row) -> float | None:
    return None if row.control or row.share is None else row.share.mean.value
