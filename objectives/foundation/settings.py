"""The grammar of settings, `name:field=value,field=value`, and the parsing of values."""

from __future__ import annotations

import dataclasses
import math
import re
import typing
from collections.abc import Collection, Container, Mapping
from functools import cache
from typing import Any, NamedTuple

from objectives.foundation.errors import UserError
from objectives.foundation.names import quote, unknown_name

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}

# `path/file.py:Name` or `module:Name`, at the start of a text that may go on with `:setting=value` or `+wrapper`
PLACE = re.compile(r"(?P<file>[^:+]+?\.py|[A-Za-z_][\w.]*):(?P<name>[A-Za-z_]\w*)(?=[:+]|$)")


class Word(NamedTuple):
    """A name and its settings, as text."""

    name: str
    settings: dict[str, str]

    def __str__(self) -> str:
        texts = ",".join(f"{name}={text}" for name, text in self.settings.items())
        return f"{self.name}:{texts}" if texts else self.name


def read_word(text: str) -> Word:
    """Read `name`, `name:field=value,...`, `file.py:Name` or `file.py:Name:field=value,...`."""
    name, rest = split_name(text.strip())
    return Word(name, read_settings(rest, name))


def split_name(text: str, known: Container[str] = ()) -> tuple[str, str]:
    """Split off the name: `module:MyLoss` is one name; `hinge:margin` is a known name and an incomplete setting."""
    place = PLACE.match(text)
    name = place[0] if place and place["file"] not in known else re.split("[:+]", text, maxsplit=1)[0]
    return name.strip(), text[len(name) :]


def read_settings(text: str, owner: str) -> dict[str, str]:
    """Read `field=value,field=value`, with or without the colon before it."""
    settings: dict[str, str] = {}
    if not text:
        return settings
    for item in text.removeprefix(":").split(","):
        field, equals, value = (piece.strip() for piece in item.partition("="))
        if not (field and equals and value):
            raise UserError(f"{quote(item)} after {quote(owner)} is not a setting; write field=value")
        if field in settings:
            raise UserError(f"{quote(field)} is set twice after {quote(owner)}")
        settings[field] = value
    return settings


def value_of(name: str, text: str, kind: Any) -> Any:
    """Read the text of a setting as a bool, an int, a float, a str or one of a Literal's options."""
    text = text.strip()
    if typing.get_origin(kind) is typing.Literal:
        return _option(name, text, [str(option) for option in typing.get_args(kind)])
    if kind is bool:
        return _truth(name, text)
    if kind is int:
        return _integer(name, text)
    if kind is float:
        return _number(name, text)
    if kind is str:
        return text
    raise UserError(f"{name} cannot be set from text, got {quote(text)}; set it in Python")


def with_fields(value: Any, texts: Mapping[str, str], known: Collection[str] | None = None) -> Any:
    """Return a copy of a dataclass instance with some fields parsed from text, or raise UserError.

    `known` are the fields that may be set, by default all.
    """
    if not texts:
        return value
    cls: Any = type(value)
    owner, hints = cls.__name__, _hints(cls)
    fields = known if known is not None else [field.name for field in dataclasses.fields(value) if field.init]
    for name in texts:
        if name not in fields:
            raise unknown_name("setting", name, fields, owner=owner)
    read = {name: value_of(name, text, hints.get(name, type(getattr(value, name)))) for name, text in texts.items()}
    try:
        return dataclasses.replace(value, **read)
    except ValueError:
        raise
    except Exception as error:
        raise UserError(f"{owner} does not accept {read}: {type(error).__name__}: {error}") from error


@cache
def _hints(cls: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls)
    except Exception:  # a user's annotations may contain names that exist only for the type checker
        return {}


def text_of(value: Any) -> str:
    """Write a value so that `value_of` reads it back exactly."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _integer(name: str, text: str) -> int:
    if not INTEGER.fullmatch(text):
        raise UserError(f"{name} must be a whole number, got {quote(text)}")
    return int(text)


def _number(name: str, text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise UserError(f"{name} must be a number, got {quote(text)}")
    value = float(text)
    if not math.isfinite(value):
        raise UserError(f"{name} must be finite, got {quote(text)}")
    if value == 0.0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise UserError(f"{name} is too small to differ from 0, got {quote(text)}")
    return value


def _truth(name: str, text: str) -> bool:
    if text.lower() not in TRUTH:
        raise UserError(f"{name} must be true or false, got {quote(text)}")
    return TRUTH[text.lower()]


def _option(name: str, text: str, options: list[str]) -> str:
    if text not in options:
        raise UserError(f"{name} must be one of {', '.join(options)}, got {quote(text)}")
    return text
