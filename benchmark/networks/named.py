"""Architectures by name, with settings of their own where the name has any: `ebgan2017:layers_g=3`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from benchmark.errors import UserError
from benchmark.names import resolve, shown
from benchmark.networks.architecture import Architecture


def architecture_of(text: str, table: Mapping[str, Architecture], kind: str = "network") -> Architecture:
    """Build the architecture that a name means; raises UserError with the nearest names."""
    name, colon, listed = text.partition(":")
    found = table[resolve(name, table, kind)]
    if not colon:
        return found
    fields = {field.name: field for field in dataclasses.fields(found) if field.name != "width"}
    values: dict[str, Any] = {}
    for part in listed.split(","):
        setting, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise UserError(f"A network's settings are written {name}:name=value,..., not {shown(text)}.")
        setting = resolve(setting, fields, f"setting of {name}")
        values[setting] = _value(setting, value, type(getattr(found, setting)))
    try:
        return dataclasses.replace(found, **values)
    except ValueError as error:
        raise UserError(f"The network {shown(name)} cannot be built: {error}.") from error


def canonical_name(text: str, table: Mapping[str, Architecture], kind: str = "network") -> str:
    """Return an architecture's name with the settings that are not its defaults, in one order: it enters identities."""
    name = resolve(text.partition(":")[0], table, kind)
    found, default = architecture_of(text, table, kind), table[name]
    fields = [field.name for field in dataclasses.fields(found)]
    changed = [field for field in fields if getattr(found, field) != getattr(default, field)]
    settings = ",".join(f"{field}={str(getattr(found, field)).lower()}" for field in changed)
    return f"{name}:{settings}" if settings else name


def _value(setting: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text not in ("true", "false"):
            raise UserError(f"The setting {shown(setting)} is true or false, not {shown(text)}.")
        return text == "true"
    try:
        return kind(text)
    except ValueError:
        raise UserError(f"The setting {shown(setting)} takes {kind.__name__}s, not {shown(text)}.") from None
