"""The identity of a game, and its shortest spelling: two spellings of one game are one game."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS, as_shipped
from objectives.base import Objective
from objectives.compose import Part, Penalty, arrange, parts
from objectives.foundation.settings import text_of
from objectives.foundation.source import is_outside, place_of, source_digest
from objectives.settings import own_fields
from objectives.traits import Recommended


def canonical(objective: Objective) -> dict[str, Any]:
    """Return the game's identity as plain nested values, equal for two spellings of one game."""
    base, *wrappers = arrange(parts(objective))
    return {**_part_identity(base), "wrappers": [_part_identity(part) for part in wrappers]}


def spelling(objective: Objective, *, scales: Mapping[str, float] | None = None) -> str:
    """Return the game's spelling on the command line, without fields at their defaults; it parses to the same identity.

    Args:
        objective: The game.
        scales: The problem's values of scale-bound fields, which count as defaults too.
    """
    base, *wrappers = arrange(parts(objective))
    name, reference = nearest(objective)
    shared = [(mine, theirs) for mine in (base, *wrappers) for theirs in reference if type(mine) is type(theirs)]
    rest = [part for part in wrappers if not any(part is mine for mine, _ in shared)]
    words = [_wrapper_name(part) + _colon(_changed(part, _default(part), scales or {})) for part in rest]
    return "+".join([name + _colon(_shared_settings(shared, scales or {})), *words])


def nearest(objective: Objective) -> tuple[str, tuple[Part, ...]]:
    """Return the name of the game that covers most of this one, and that game's parts at their defaults."""
    base, *wrappers = arrange(parts(objective))
    named = named_game((base, *wrappers))
    return (named.name, named.parts) if named else (place_of(type(base)), (_default(base),))


class Named(NamedTuple):
    """A game with a name: its parts at their defaults, and the settings of its paper."""

    name: str
    parts: tuple[Part, ...]
    penalties: frozenset[type[Part]]
    recommended: Recommended


def named_game(pieces: Sequence[Part]) -> Named | None:
    """Return the named game that covers most of the parts of a game, which are in canonical order."""
    base, *wrappers = pieces
    penalties = set(map(type, _leading_penalties(wrappers)))
    for named in _named_games().get(type(base), ()):
        if named.penalties <= penalties:
            return named
    return None


@cache
def _named_games() -> dict[type, list[Named]]:
    """Return the named games by the class of their loss, those with most parts first."""
    found: dict[type, list[Named]] = {}
    for name, make in _named():
        game = make()
        base, *penalties = parts(game)
        named = Named(name, (base, *penalties), frozenset(map(type, penalties)), game.traits.recommended)
        found.setdefault(type(base), []).append(named)
    return {base: sorted(games, key=lambda named: -len(named.parts)) for base, games in found.items()}


def part_name(part: Part) -> str:
    """Return the name of one part of a game as the command line writes it."""
    return _part_names().get(type(part), type(part).__name__)


@cache
def _part_names() -> dict[Any, str]:
    return {make: name for table in (WRAPPERS, OBJECTIVES) for name, make in table.items() if isinstance(make, type)}


def _named() -> Iterator[tuple[str, Callable[[], Objective]]]:
    yield from OBJECTIVES.items()
    for name, shipped in AS_SHIPPED.items():
        if any(type(part).__module__ == as_shipped.__name__ for part in parts(shipped())):
            yield name, shipped  # one that differs only in convention keeps its own spelling


def _leading_penalties(wrappers: Sequence[Part]) -> Iterator[Part]:
    """Return the penalties that directly follow the base; only those can belong to a named composition."""
    for part in wrappers:
        if not isinstance(part, Penalty):
            return
        yield part


def _part_identity(part: Part) -> dict[str, Any]:
    cls = type(part)
    identity: dict[str, Any] = {"class": cls.__qualname__}
    if is_outside(cls):
        digest = source_digest(cls)
        identity["source"] = cls.__module__ if digest is None else f"sha256:{digest}"
    return (
        identity
        | _revision(cls)
        | {name: _plain(getattr(part, name), field) for name, field in own_fields(part).items()}
    )


def _revision(cls: type) -> dict[str, Any]:
    """Return the revision of a class whose numbers have changed; others keep their old identity."""
    revision = getattr(cls, "revision", 0)
    return {"revision": revision} if revision else {}


def _plain(value: Any, field: dataclasses.Field[Any]) -> Any:
    """Turn a field's value into plain data; an int where the default is a float is the same setting."""
    if type(value) is int and isinstance(field.default, float):
        return float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        content = {inner.name: _plain(getattr(value, inner.name), inner) for inner in dataclasses.fields(value)}
        return {"class": type(value).__qualname__} | _revision(type(value)) | content
    if isinstance(value, (tuple, list)):
        return [_plain(item, field) for item in value]
    if isinstance(value, float):
        return value + 0.0  # -0 is 0
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise ValueError(f"{field.name} contains a {type(value).__name__}, which has no identity; use plain values")


def _default(part: Part) -> Part:
    """Build the part with no settings, on the same inner objective if it wraps one."""
    inner = {"objective": getattr(part, "objective")} if "objective" in vars(part) else {}  # noqa: B009
    try:
        return type(part)(**inner)
    except TypeError as error:
        raise ValueError(f"{type(part).__name__} has no spelling: give every field a default") from error


def _changed(part: Part, default: Part, scales: Mapping[str, float]) -> dict[str, str]:
    """List the settings that differ from the default, or from the problem's scale where the field is bound to one."""
    changed = {}
    for name, field in own_fields(part).items():
        value, usual = getattr(part, name), getattr(default, name)
        if value != scales.get(field.metadata.get("scale", ""), usual):
            changed[name] = text_of(value)
    return changed


def _shared_settings(shared: list[tuple[Part, Part]], scales: Mapping[str, float]) -> dict[str, str]:
    """Spell the settings of a named game; a field that two parts hold with different values names its part."""
    settings: dict[str, str] = {}
    for mine, theirs in shared:
        for name, text in _changed(mine, theirs, scales).items():
            holders = [part for part, _ in shared if name in own_fields(part)]
            alike = all(text_of(getattr(part, name)) == text for part in holders)
            settings[name if alike else f"{part_name(mine)}.{name}"] = text
    return settings


def _wrapper_name(part: Part) -> str:
    name = part_name(part)
    return name if WRAPPERS.get(name) is type(part) else place_of(type(part))


def _colon(settings: Mapping[str, str]) -> str:
    return ":" + ",".join(f"{name}={text}" for name, text in settings.items()) if settings else ""
