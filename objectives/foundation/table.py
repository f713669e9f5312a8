"""One look-up for every kind: a built-in name, `path/file.py:Name`, `module:Name`, or an installed plug-in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from objectives.foundation.loading import Kind, entry_point_names, is_place, load, load_entry_point, missing_name
from objectives.foundation.names import folded, unknown_name


def find(name: str, kind: Kind, *tables: Mapping[str, Any], others: Iterable[str] = ()) -> Any:
    """Return the entry with this name from the first table that has it, or else load it from user code.

    Raises UnknownName with the nearest names; `others` are candidates that the tables do not list.
    """
    for table in tables:
        known = name if name in table else next((one for one in table if folded(one) == folded(name)), None)
        if known is not None:
            return table[known]
    if is_place(name):
        return load(name, kind)
    found = load_entry_point(name, kind)
    if found is not None:
        return found
    if name.endswith(".py"):
        raise missing_name(name, kind)
    listed = tables[0] if tables else ()
    raise unknown_name(kind.word, name, [*listed, *entry_point_names(kind), *others], or_else=f"file.py:{kind.example}")
