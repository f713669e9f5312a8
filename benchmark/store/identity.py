"""A unique text for each value, and the key of a run derived from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
KEY_LENGTH = 16  # hexadecimal digits: 64 bits, no collision to be expected below 10^9 runs


def canonical_json(value: Any) -> str:
    """Write a value as JSON so that equal values give equal text.

    Keys are sorted, there are no spaces, text is ASCII; 10.0 is written 10 and -0.0 is written 0, as they are equal.
    NaN and infinities raise ValueError; values that JSON cannot represent raise TypeError.
    """
    return WRITER.encode(_plain(value))


def identity_key(identity: Mapping[str, Any]) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of an identity's canonical JSON."""
    return sha256(canonical_json(identity).encode()).hexdigest()[:KEY_LENGTH]


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or value is None:  # most values, so checked first
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else float(value)
    if isinstance(value, dict):
        return {_checked_name(name): _plain(content) for name, content in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(content) for content in value]
    if isinstance(value, str | int):  # bool is an int, and stays true or false
        return value
    if isinstance(value, Mapping):
        return _plain(dict(value))
    raise TypeError(f"JSON cannot hold a {kind.__name__}: {value!r}"[:200])


def _checked_name(name: Any) -> str:
    if not isinstance(name, str):  # json would turn 1 and "1" into one key
        raise TypeError(f"JSON names are text, not {type(name).__name__}: {name!r}"[:200])
    return name
