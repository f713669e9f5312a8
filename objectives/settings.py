"""Settings written as text: which fields a game has, how text becomes a value, and did-you-mean."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from objectives.compose import Part

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def unknown(kind: str, name: str, known: Iterable[str], *, owner: str = "") -> ValueError:
    """Say in one sentence that a name is unknown, with the nearest and all the known ones."""
    names = sorted(known)
    by_form = {folded(other): other for other in names}  # how letters and dashes are typed does not matter
    near = [by_form[form] for form in difflib.get_close_matches(folded(name), by_form, n=2, cutoff=0.5)]
    hint = f" Did you mean {' or '.join(repr(other) for other in near)}?" if near else ""
    of_owner = f" of '{owner}'" if owner else ""
    return ValueError(f"Unknown {kind} '{name}'{of_owner}.{hint} Known: {', '.join(names) or 'none'}")


def folded(name: str) -> str:
    """Return what is left of a name where it does not matter how letters and dashes are typed."""
    return name.casefold().replace("_", "-")


def own_fields(part: Part) -> dict[str, dataclasses.Field[Any]]:
    """List the fields of one part that a user may set: not the objective it wraps, not what is no part of the game."""
    listed = dataclasses.fields(part)
    return {field.name: field for field in listed if field.compare and field.init and field.name != "objective"}


def replaced(part: Part, texts: Mapping[str, str]) -> Part:
    """Copy a part with some fields read from text; an unknown field or a wrong value is one sentence."""
    fields = own_fields(part)
    for name in texts:
        if name not in fields:
            raise unknown("setting", name, fields, owner=type(part).__name__)
    values = {name: value_of(part, fields[name], text) for name, text in texts.items()}
    try:
        return dataclasses.replace(part, **values) if values else part
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"{type(part).__name__} cannot take {values}: {type(error).__name__}: {error}") from error


def value_of(part: Part, field: dataclasses.Field[Any], text: str) -> Any:
    """Read the text of one setting by the type of its field."""
    kind = _kind(part, field)
    text = text.strip()
    if typing.get_origin(kind) is typing.Literal:
        return _choice(field.name, text, [str(option) for option in typing.get_args(kind)])
    if kind is bool:
        return _truth(field.name, text)
    if kind is int:
        if not INTEGER.fullmatch(text):
            raise ValueError(f"{field.name} must be a whole number, got '{text}'")
        return int(text)
    if kind is float:
        return _number(field.name, text)
    if kind is str:
        return text
    raise ValueError(f"{field.name} of {type(part).__name__} cannot be set by text, got '{text}'; set it in Python")


def text_of(value: Any) -> str:
    """Write a value so that `value_of` reads it back exactly."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(part: Part, field: dataclasses.Field[Any]) -> Any:
    try:
        return typing.get_type_hints(type(part))[field.name]
    except Exception:  # an outside class may annotate with names that exist for the type checker alone
        return type(getattr(part, field.name))


def _number(name: str, text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{name} must be a number, got '{text}'")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got '{text}'")
    if value == 0.0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise ValueError(f"{name} is too small to be told from 0, got '{text}'")
    return value


def _truth(name: str, text: str) -> bool:
    if text.lower() not in TRUTH:
        raise ValueError(f"{name} must be true or false, got '{text}'")
    return TRUTH[text.lower()]


def _choice(name: str, text: str, options: list[str]) -> str:
    if text not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, got '{text}'")
    return text
