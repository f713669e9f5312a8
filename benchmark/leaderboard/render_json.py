"""Tables, comparisons and rankings for machines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.leaderboard.ranking import Ranking
from benchmark.leaderboard.table import Table

SCHEMA = 1


def as_json(tables: Sequence[Table], ranked: Sequence[Ranking] = ()) -> str:
    """Write tables and the order over them as one JSON object: every seed, every digit, every reason."""
    content = {"schema": SCHEMA, "tables": plain(tables), "rankings": plain(ranked)}
    return json.dumps(content, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return plain JSON values: seeds become text, a row has counts in place of its records, a cell its IQM too."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [part.name for part in dataclasses.fields(value) if part.name != "records"]
        return {name: plain(getattr(value, name)) for name in names} | {
            name: plain(getattr(value, name)) for name in ("runs", "finished", "caption", "iqm") if hasattr(value, name)
        }
    if isinstance(value, Mapping):
        return {str(name): plain(content) for name, content in value.items()}
    if isinstance(value, list | tuple):
        return [plain(content) for content in value]
    return value
