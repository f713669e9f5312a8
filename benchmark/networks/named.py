"""Architectures by name, with settings of their own where the name has any: `ebgan2017:layers_g=3`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from benchmark.errors import UserError
from benchmark.networks.architecture import Architecture
from objectives.foundation.names import quote, resolve
from objectives.foundation.settings import read_word, text_of, with_fields


def architecture_of(text: str, table: Mapping[str, Architecture], kind: str = "network") -> Architecture:
    """Build the architecture that a name means; raises UserError with the nearest names."""
    if text in table:
        return table[text]
    word = read_word(text)
    found = table[resolve(word.name, table, kind, or_else="file.py:MyPair")]
    known = [field.name for field in dataclasses.fields(found) if field.name != "width"]
    settings = {resolve(name, known, f"setting of {word.name}"): value for name, value in word.settings.items()}
    try:
        chosen: Architecture = with_fields(found, settings, known)
    except ValueError as error:
        raise UserError(f"The network {quote(word.name)} cannot be built: {error}.") from error
    return chosen


def canonical_name(text: str, table: Mapping[str, Architecture], kind: str = "network") -> str:
    """Return an architecture's name with the settings that are not its defaults, in one order: it enters identities."""
    name = resolve(read_word(text).name, table, kind, or_else="file.py:MyPair")
    found, default = architecture_of(text, table, kind), table[name]
    fields = [field.name for field in dataclasses.fields(found)]
    changed = [field for field in fields if getattr(found, field) != getattr(default, field)]
    settings = ",".join(f"{field}={text_of(getattr(found, field))}" for field in changed)
    return f"{name}:{settings}" if settings else name
