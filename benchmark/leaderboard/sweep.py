"""Sweeps: rows of a table that differ in one setting alone, in the order of its values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.leaderboard.compare import compare_each
from benchmark.leaderboard.table import Cell, Row, Table
from benchmark.leaderboard.text import number, readable
from benchmark.store import canonical_json

FEWEST = 3  # values that make a sweep
DECADE = 10.0  # a ratio of the largest value to the smallest from which an axis is logarithmic
ITEM = re.compile(r"[\w.]+=[^,+ ]+(?:e\+\d+)?")  # a setting in a label
RATES = ("training.generator_learning_rate", "training.critic_learning_rate")  # set together as `learning_rate`


@dataclass(frozen=True)
class Sweep:
    """The rows of one game over the values of one setting."""

    setting: str  # gamma, or learning_rate
    points: tuple[tuple[float, Row], ...]  # by value

    @property
    def game(self) -> str:
        """The label that the rows have in common: without the settings that differ."""
        labels = sorted((row.label for _, row in self.points), key=len)
        common = set.intersection(*(set(ITEM.findall(label)) for label in labels if "=" in label))
        game = ITEM.sub(lambda found: found[0] if found[0] in common else "", labels[0])
        game = re.sub(r"(?<=[:@]),+|,+(?=[,+ ]|$)", "", game)
        return re.sub(r":(?=[+ ]|$)| @$", "", game)

    @property
    def logarithmic(self) -> bool:
        """Whether the values are best drawn on a logarithmic axis."""
        low, high = self.points[0][0], self.points[-1][0]
        return low > 0 and high / low >= DECADE


def sweeps(table: Table, setting: str | None = None) -> list[Sweep]:
    """Return the sweeps in a table, rows equal in all else; or those over a setting, `gamma`, or `r1.gamma` alone."""
    leaves = {row.label: _leaves(row) for row in table.rows if not row.control and row.records}
    rows = {row.label: row for row in table.rows}
    paths = sorted({path for own in leaves.values() for path, value in own.items() if _is_number(value)})
    found = []
    for path in paths:
        alike: dict[str, dict[float, Row]] = defaultdict(dict)
        for label, own in leaves.items():
            if _is_number(own.get(path)) and (setting is None or _is_called(path, setting, own)):
                rest = {name: value for name, value in own.items() if name != path}
                alike[canonical_json(rest)][float(own[path])] = rows[label]
        name = path.rpartition(".")[2]
        found += [Sweep(name, tuple(sorted(points.items()))) for points in alike.values() if len(points) >= FEWEST]
    return found


def sweep_text(table: Table, sweep: Sweep) -> str:
    """Return a sentence or two on the best value of a setting, and on values not shown to differ from it."""
    at = table.column(table.sort) if table.sort is not None else None
    scored = [] if at is None else [(value, row, row.cells[at]) for value, row in sweep.points]
    kept = [(value, row, cell) for value, row, cell in scored if cell.mean.value is not None]
    low, high = sweep.points[0][0], sweep.points[-1][0]
    head = f"{readable(table.caption)}: {readable(sweep.game)}, {sweep.setting} at {len(sweep.points)} values"
    head += f" from {low:g} to {high:g}"
    if at is None or not kept or table.columns[at].direction == "none":
        return f"{head}. No run of it has a score that ranks."
    sign = 1.0 if table.columns[at].direction == "higher" else -1.0
    best, row, cell = max(kept, key=lambda one: sign * (one[2].mean.value or 0.0))
    words = _words(row, {value: other for value, other, _ in scored if other is not row}, table.sort)
    text = f"{head}. {table.sort} is best at {best:g}, {_mean(cell)}"
    worse = [f"{value:g}" for value, word in words.items() if word == "better"]
    open_ = [f"{value:g}" for value, word in words.items() if word != "better"]
    parts = [f"worse at {_listed(worse)}"] if worse else []
    parts += [f"not shown to differ at {_listed(open_)}"] if open_ else []
    return f"{text}; {' and '.join(parts)}."


def _is_called(path: str, setting: str, leaves: Mapping[str, Any]) -> bool:
    """Whether the leaf of an identity is a setting, which may begin with its owner's name: `gamma`, `r1.gamma`."""
    owner, _, field = setting.rpartition(".")
    where, _, name = path.rpartition(".")
    if name != field:
        return False
    return not owner or leaves.get(f"{where}.class") in _classes(owner)


def _classes(name: str) -> set[str]:
    """Return the class of the penalty or wrapper, and that of the objective, of a name; torch is imported only here."""
    from objectives.compose import parts
    from objectives.table import OBJECTIVES, WRAPPERS

    found: list[type] = [WRAPPERS[name]] if name in WRAPPERS else []
    found += [type(parts(OBJECTIVES[name]())[0])] if name in OBJECTIVES else []
    return {one.__qualname__ for one in found}


def _words(best: Row, others: Mapping[float, Row], metric: str | None) -> dict[float, str]:
    """Return the word of the verdict on the best value against each other one, Holm's correction over all of them."""
    records = [record for row in (best, *others.values()) for record in row.records]
    found = compare_each(records, best.label, [row.label for row in others.values()], metric)
    by_label = {one.b.label: one.verdict.word for one in found}
    return {value: by_label[row.label] for value, row in others.items() if row.label in by_label}


def _mean(cell: Cell) -> str:
    interval = cell.mean.interval
    value = number(cell.mean.value or 0.0)
    return value if interval is None else f"{value} [{number(interval.low)}, {number(interval.high)}]"


def _listed(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}"


def _leaves(row: Row) -> dict[str, Any]:
    """Return the leaves of a row's identity by path, without seed and arithmetic; equal learning rates are merged."""
    identity = row.records[0].identity
    own = _flat({name: value for name, value in identity.items() if name not in ("seed", "arithmetic")}, "")
    if own.get(RATES[0]) is not None and own.get(RATES[0]) == own.get(RATES[1]):
        own["training.learning_rate"] = own.pop(RATES[0])
        del own[RATES[1]]
    return own


def _flat(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        parts = [(str(name), content) for name, content in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(str(at), content) for at, content in enumerate(value)]
    else:
        return {path: value}
    return {leaf: one for name, part in parts for leaf, one in _flat(part, f"{path}.{name}".lstrip(".")).items()}


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
