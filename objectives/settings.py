"""The settings of a part of a game: which fields it has, and a copy of it with some parsed from text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any

from objectives.compose import Part
from objectives.foundation.settings import with_fields


def own_fields(part: Part) -> dict[str, dataclasses.Field[Any]]:
    """Return the fields of a part that a user may set, without the objective it wraps and fields not compared."""
    cls: Any = type(part)
    return fields_of(cls)


@cache
def fields_of(cls: Any) -> dict[str, dataclasses.Field[Any]]:
    """Return the fields of a class of parts that a user may set."""
    listed = dataclasses.fields(cls)
    return {field.name: field for field in listed if field.compare and field.init and field.name != "objective"}


def with_settings(part: Part, texts: Mapping[str, str]) -> Part:
    """Return a copy of a part with some fields parsed from text; a wrong field or value raises UserError."""
    changed: Part = with_fields(part, texts, own_fields(part))
    return changed
