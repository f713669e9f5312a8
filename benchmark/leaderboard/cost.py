"""What a run costs: CPU seconds measured apart, where a results directory has them, else the seconds of its records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.errors import UserError
from benchmark.leaderboard.table import Row, Table
from objectives.foundation.names import quote

COSTS = "cost.json"  # written by `python benchmarks/cost.py RESULTS`
MEASURED = "CPU seconds of training on one thread, measured in a run of its own, without curves and scoring"


@dataclass(frozen=True)
class Costs:
    """Milliseconds per run and gradient evaluation, by problem and row, on one track and each problem's network."""

    track: str
    networks: Mapping[str, str]
    milliseconds: Mapping[str, Mapping[str, float]]


def read_costs(folder: Path) -> Costs | None:
    """Read the costs measured for a results directory; None without them. A damaged file is a UserError."""
    try:
        facts = json.loads((folder / COSTS).read_bytes())
        problems = facts["problems"]
        return Costs(
            str(facts["track"]),
            {problem: str(own["network"]) for problem, own in problems.items()},
            {
                problem: {row: float(one["milliseconds"]) for row, one in own["rows"].items()}
                for problem, own in problems.items()
            },
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"Cannot read the costs in {quote(folder / COSTS)}: {type(error).__name__}.") from error


def with_costs(tables: Sequence[Table], costs: Costs | None) -> list[Table]:
    """Return the tables with the costs measured for all their objectives; nothing else changes."""
    return [table if costs is None else replace(table, costs=_of(table, costs)) for table in tables]


def _of(table: Table, costs: Costs) -> Mapping[str, float]:
    same = table.track == costs.track and table.comparable.get("network") == costs.networks.get(table.problem)
    own = costs.milliseconds.get(table.problem, {}) if same else {}
    return own if all(row.label in own for row in table.rows if not row.control) else {}


def seconds_of(table: Table, row: Row) -> float | None:
    """Return the seconds of a run: measured apart if the table has such costs, else the mean of its records."""
    if not table.costs:
        return _mean(row, "seconds")
    each, evaluations = table.costs.get(row.label), _mean(row, "gradient_evaluations")
    return None if each is None or evaluations is None else each * evaluations / 1e3


def _mean(row: Row, name: str) -> float | None:
    found = row.compute.get(name)
    return None if found is None else found.value
