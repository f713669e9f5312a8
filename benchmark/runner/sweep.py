"""A sweep: one setting at several values, or several settings at all combinations of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from benchmark.errors import UserError
from objectives.foundation.names import quote

MOST_SETTINGS = 1_000  # combinations; a typo should not plan for a day

Sweep = Mapping[str, tuple[str, ...]]  # a setting and its values, as they are typed


def parse_sweeps(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read the values of `--sweep`, each `setting=value,value`, such as `r1.gamma=0.1,1,10`."""
    sweep: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, listed = (part.strip() for part in text.partition("="))
        values = tuple(value.strip() for value in listed.split(","))
        if not (name and equals and all(values)) or "=" in listed:
            raise UserError(
                f"A sweep needs one setting and its values, such as r1.gamma=0.1,1,10, not {quote(text)}; "
                "repeat --sweep for another setting."
            )
        if name in sweep:
            raise UserError(f"The setting {quote(name)} is swept twice; write all its values after one --sweep.")
        sweep[name] = values
    return checked_sweep(sweep)


def checked_sweep(sweep: Sweep) -> dict[str, tuple[str, ...]]:
    """Return a sweep; raise UserError for repeated values or too many combinations."""
    for name, values in sweep.items():
        if len({_number(value) for value in values}) < len(values):
            raise UserError(f"The sweep of {quote(name)} contains a value twice: {quote(', '.join(values))}.")
    count = prod(map(len, sweep.values()))
    if count > MOST_SETTINGS:
        raise UserError(f"The sweep has {count:,} combinations; at most {MOST_SETTINGS:,} are possible.")
    return dict(sweep)


def _number(value: str) -> float | str:
    """Return a value as a number, so that 0.1 and 0.10 are the same; other texts are unchanged."""
    try:
        return float(value)
    except ValueError:
        return value


def settings_of(sweep: Sweep) -> list[dict[str, str]]:
    """Return the settings of each combination; an empty sweep has one, without settings."""
    return [dict(zip(sweep, values, strict=True)) for values in product(*sweep.values())]
