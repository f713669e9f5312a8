"""Checks of the values in a record's tables, since a file may come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from objectives.foundation.names import quote

LARGEST = 1e75  # of a score: its fourth power, which Welch's test takes of spreads, is still a number
DEEPEST = 20  # levels of tables and lists; ours have four
PLAIN = frozenset({str, bool, type(None)})
NUMBERS = frozenset({int, float})
WHOLE: dict[str, tuple[str, ...]] = {
    "identity": ("seed", "iterations"),
    "comparable": ("gradient_evaluations",),
    "compute": ("gradient_evaluations", "critic_updates", "generator_updates", "samples_seen", "peak_memory_mib"),
    "group": ("members", "position"),
}


def check_leaves(facts: Mapping[str, Any]) -> None:
    """Raise ValueError, with the place, for values in a record's tables that this program does not write.

    Every leaf is a string, a boolean, null or a number of at most ±1e75, at most 20 levels deep. Counts and times
    are not negative, and the protocol has a table of constants for each metric.
    """
    for name in ("identity", "comparable", "protocol", "compute", "environment", "group"):
        if not _is_plain(facts[name], DEEPEST):  # again, slower, to find the place
            _check_value(facts[name], name, DEEPEST)
    for metric, constants in facts["protocol"].items():
        if type(constants) is not dict:
            raise ValueError(f"protocol.{_short(metric)} must be a table of constants, not {quote(str(constants))}")
    for table, names in WHOLE.items():
        for name in names:
            value = facts[table].get(name)
            if value is not None and (type(value) is not int or value < 0):
                raise ValueError(f"{table}.{name} must be a whole number >= 0, not {quote(str(value))}")
    for name in ("seconds", "group_seconds"):
        value = facts["compute"].get(name, 0.0)
        if type(value) not in NUMBERS or value < 0:
            raise ValueError(f"compute.{name} must be a number of seconds, not {quote(str(value))}")


def _is_plain(value: Any, levels: int) -> bool:
    kind = type(value)
    if kind is not dict and kind is not list:
        return kind in PLAIN or (kind in NUMBERS and abs(value) <= LARGEST)
    if levels == 0:
        return False
    for content in value.values() if kind is dict else value:
        if type(content) not in PLAIN and not _is_plain(content, levels - 1):
            return False
    return True


def _check_value(value: Any, place: str, levels: int) -> None:
    kind = type(value)
    if kind in PLAIN:
        return
    if kind in NUMBERS:
        if not abs(value) <= LARGEST:
            raise ValueError(f"{place} must be a finite number of at most ±{LARGEST:g}, not {quote(str(value))}")
    elif levels == 0:
        raise ValueError(f"{place} is nested more than {DEEPEST} levels deep")
    elif kind is dict:
        for name, content in value.items():
            _check_value(content, f"{place}.{_short(name)}", levels - 1)
    elif kind is list:
        for at, content in enumerate(value):
            _check_value(content, f"{place}[{at}]", levels - 1)
    else:
        raise ValueError(f"{place} must be plain JSON, not a {kind.__name__}")


def _short(name: str) -> str:
    return name if len(name) <= 40 and name.isprintable() else quote(name)
