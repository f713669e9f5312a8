"""The command line's spelling of a game: `name[:field=value,...][+wrapper[:field=value,...]]...`.

`ns`, `ebgan:margin=2`, `hinge+lecam`, `ns+r1:gamma=1+pac:m=3`, `path/file.py:MyLoss:margin=2`. A setting after a named
composition goes to every part that has it: `r3gan:gamma=0.5` sets both penalties, `r3gan:r1.gamma=0.5` one of them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.base import Objective
from objectives.compose import Part, Penalty, Wrapper, arranged, assembled, parts
from objectives.foundation.errors import PluginError, UserError
from objectives.foundation.loading import entry_point_names, is_place, missing_name, on_one_line
from objectives.foundation.names import folded, unknown_name
from objectives.foundation.settings import Word, read_settings, split_name
from objectives.identity import canonical, nearest, part_name, spelling
from objectives.outside import OBJECTIVE, from_entry_point, from_place
from objectives.settings import own_fields, with_settings

__all__ = ["canonical", "make", "parse", "settable", "spelling"]

SEPARATOR = re.compile(r"(?<!\d[eE])(?<!\.[eE])(?<![=,])\+")  # a plus, but not that of a number: 1e+3, =+1


def parse(
    spec: str, *, scales: Mapping[str, float] | None = None, overrides: Mapping[str, str] | None = None
) -> Objective:
    """Build the game that a spelling names; whatever is wrong with it is one sentence in a ValueError.

    Args:
        spec: The spelling.
        scales: The problem's values for scale-bound fields (EBGAN's margin), used where the user set none.
        overrides: Settings by field, or by `part.field`, for every part that has them; names that this game does not
            have are left alone, since one `--set` serves many games: ask `settable`.
    """
    head, *tail = words(spec)
    if head.name in WRAPPERS and head.name not in OBJECTIVES:
        raise _wrapper_first(spec, head, tail)
    base = parts(make(head.name)())
    chosen = _apply(base, head.settings, head.name)
    pieces, touched = list(chosen.parts), set(chosen.touched)
    for word in tail:
        part = _wrapper(word.name)
        set_part = _apply((part,), word.settings, word.name)
        touched |= {(len(pieces), name) for _, name in set_part.touched}
        pieces.append(set_part.parts[0])
    known = {name: text for name, text in (overrides or {}).items() if name in _names(pieces)}
    chosen = _apply(pieces, known, spec)
    scaled = _scaled(chosen.parts, touched | chosen.touched, scales or {})
    game = assembled(arranged(scaled))
    name, _ = nearest(game)
    paper = make(name)().traits.recommended
    return game if game.traits.recommended == paper else assembled(arranged(scaled), paper=paper)


def settable(objective: Objective) -> set[str]:
    """Name the settings that `overrides` may change in this game: `margin`, and `ebgan.margin` to name the part."""
    return _names(parts(objective))


def make(name: str) -> Callable[[], Objective]:
    """Look an objective up by its name, by file or module, or among the installed plug-ins."""
    for table in (OBJECTIVES, AS_SHIPPED):
        known = name if name in table else next((one for one in table if folded(one) == folded(name)), None)
        if known is not None:
            return table[known]
    found = from_place(name) if is_place(name) else from_entry_point(name)
    if found is None:
        if name.endswith(".py"):
            raise missing_name(name, OBJECTIVE)
        raise unknown_name("objective", name, [*OBJECTIVES, *entry_point_names(OBJECTIVE), *_shipped_if_meant(name)])
    return lambda: _built(found, name)


def words(spec: str) -> list[Word]:
    """Split a spelling into its words; a `+` inside a number is no separator."""
    listed: list[Word] = []
    rest = spec.strip()
    while True:
        name, rest = split_name(rest, {*OBJECTIVES, *WRAPPERS})
        if not name:
            raise UserError(f"'{spec}' lacks a name; write name:field=value+wrapper, for example ns+r1:gamma=1")
        texts, *further = SEPARATOR.split(rest, maxsplit=1)
        listed.append(Word(name, read_settings(texts, name)))
        if not further:
            return listed
        rest = further[0]


def _built(maker: Callable[[], Any], name: str) -> Objective:
    try:
        game = maker()
    except ValueError:
        raise
    except Exception as error:
        raise PluginError(f"'{name}' cannot be built without arguments: {on_one_line(error)}") from error
    if not isinstance(game, Objective):
        raise UserError(f"'{name}' is not an objective; derive it from objectives.Objective as a frozen dataclass")
    return game


def _wrapper_first(spec: str, wrapper: Word, others: list[Word]) -> UserError:
    """Say where a wrapper stands, with the same words in the order that is right."""
    game = next((word for word in others if word.name in OBJECTIVES), Word("ns", {}))
    right = "+".join(map(str, [game, wrapper, *(word for word in others if word is not game)]))
    return UserError(f"'{wrapper.name}' is a wrapper and stands behind what it wraps; write {right}, not '{spec}'")


def _wrapper(name: str) -> Part:
    found: Any = WRAPPERS.get(name) or (from_place(name) if is_place(name) else None)
    if found is None:
        if name in OBJECTIVES:
            raise UserError(f"'{name}' is an objective and cannot wrap another; wrappers: {', '.join(WRAPPERS)}")
        raise unknown_name("wrapper", name, WRAPPERS)
    if isinstance(found, type) and issubclass(found, Penalty):
        return found()
    if isinstance(found, type) and issubclass(found, Wrapper):
        return found(Objective())  # stands on a placeholder until the game is put together
    raise UserError(f"'{name}' is not a wrapper; derive it from objectives.Penalty as a frozen dataclass")


class Chosen(NamedTuple):
    """Parts after some settings, and which (part, field) those settings touched."""

    parts: list[Part]
    touched: set[tuple[int, str]]


def _apply(pieces: Iterable[Part], settings: Mapping[str, str], owner: str) -> Chosen:
    """Return each setting to the parts that have it: all of them for `gamma`, one for `r1.gamma`."""
    listed = list(pieces)
    texts: list[dict[str, str]] = [{} for _ in listed]  # set together: two fields may be right only with each other
    known = _names(listed)
    for name, text in settings.items():
        if name not in known:
            raise unknown_name("setting", name, known, owner=owner)
        part, _, field = name.rpartition(".")
        for piece, chosen in zip(listed, texts, strict=True):
            if field in own_fields(piece) and part in ("", part_name(piece)):
                chosen[field] = text
    changed = [with_settings(piece, chosen) for piece, chosen in zip(listed, texts, strict=True)]
    return Chosen(changed, {(index, field) for index, chosen in enumerate(texts) for field in chosen})


def _names(pieces: Iterable[Part]) -> set[str]:
    names: set[str] = set()
    for part in pieces:
        for field in own_fields(part):
            names |= {field, f"{part_name(part)}.{field}"}
    return names


def _scaled(pieces: list[Part], touched: set[tuple[int, str]], scales: Mapping[str, float]) -> list[Part]:
    """Let the problem set the scale-bound fields that the user left alone."""
    scaled = []
    for index, part in enumerate(pieces):
        bound = {
            name: scales[field.metadata["scale"]]
            for name, field in own_fields(part).items()
            if field.metadata.get("scale") in scales and (index, name) not in touched
        }
        scaled.append(dataclasses.replace(part, **bound) if bound else part)
    return scaled


def _shipped_if_meant(name: str) -> list[str]:
    return list(AS_SHIPPED) if "/" in name or "shipped" in name else []
