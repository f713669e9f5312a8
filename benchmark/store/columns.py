"""Many JSON values as columns, which store what all values have in common only once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def columns_of(values: Sequence[Any]) -> dict[str, Any]:
    """Return JSON values as a tree: one value that is the `same` for all, a `table` of columns by name, or `each`."""
    first = values[0]
    if type(first) is dict and all(type(value) is dict and list(value) == list(first) for value in values):
        columns = {name: columns_of([value[name] for value in values]) for name in first}
        return {"table": columns} if any("same" not in column for column in columns.values()) else {"same": first}
    return {"same": first} if all_same(values) else {"each": list(values)}


def all_same(values: Sequence[Any]) -> bool:
    """Return whether values are identical, not only equal as 1, 1.0 and true are, or 0.0 and -0.0."""
    first = values[0]
    kind = type(first)
    if not all(type(value) is kind and value == first for value in values):
        return False
    simple = kind is str or kind is int or kind is bool or first is None or (kind is float and first != 0.0)
    return simple or len(set(map(repr, values))) == 1


def values_of(columns: dict[str, Any], count: int) -> list[Any]:
    """Return the `count` values that `columns_of` was called with; what they have in common is one object."""
    if "same" in columns:
        return [columns["same"]] * count
    if "each" in columns:
        each: list[Any] = columns["each"]
        return each
    names = tuple(columns["table"])
    rows = zip(*(values_of(column, count) for column in columns["table"].values()), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]
