"""The settings of a part of a game: which fields it has, and a copy of it with some read from text."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from objectives.compose import Part
from objectives.foundation.errors import UserError
from objectives.foundation.names import unknown_name
from objectives.foundation.settings import value_of


def own_fields(part: Part) -> dict[str, dataclasses.Field[Any]]:
    """Return the fields of a part that a user may set: not the objective it wraps, nor what is no part of the game."""
    cls: Any = type(part)
    return fields_of(cls)


@cache
def fields_of(cls: Any) -> dict[str, dataclasses.Field[Any]]:
    """Return the fields of a class of parts that a user may set."""
    listed = dataclasses.fields(cls)
    return {field.name: field for field in listed if field.compare and field.init and field.name != "objective"}


def with_settings(part: Part, texts: Mapping[str, str]) -> Part:
    """Return a copy of a part with some fields read from text; an unknown field or a wrong value is one sentence."""
    if not texts:
        return part
    cls: Any = type(part)
    fields, hints = own_fields(part), _hints(cls)
    for name in texts:
        if name not in fields:
            raise unknown_name("setting", name, fields, owner=type(part).__name__)
    values = {name: value_of(name, text, hints.get(name, type(getattr(part, name)))) for name, text in texts.items()}
    try:
        return dataclasses.replace(part, **values)
    except ValueError:
        raise
    except Exception as error:
        raise UserError(f"{type(part).__name__} cannot take {values}: {type(error).__name__}: {error}") from error


@cache
def _hints(cls: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls)
    except Exception:  # a class from outside may annotate with names that exist for the type checker alone
        return {}
