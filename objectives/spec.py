"""The command line's spelling of a game: `name[:field=value,...][+wrapper[:field=value,...]]...`.

`ns`, `ebgan:margin=2`, `hinge+lecam`, `ns+r1:gamma=1+pac:m=3`, `path/file.py:MyLoss:margin=2`. A setting after a named
composition applies to every part that has it: `r3gan:gamma=0.5` sets both penalties, `r3gan:r1.gamma=0.5` one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.base import Objective
from objectives.compose import Part, Penalty, Wrapper, arrange, assemble, parts
from objectives.foundation.errors import UserError
from objectives.foundation.loading import is_place, load
from objectives.foundation.names import unknown_name
from objectives.foundation.settings import Word, read_settings, split_name
from objectives.foundation.table import find
from objectives.identity import canonical, named_game, spelling
from objectives.outside import OBJECTIVE, built
from objectives.pieces import Pieces
from objectives.settings import own_fields
from objectives.traits import Recommended

__all__ = ["adapted", "canonical", "make", "parse", "settable", "spelling"]

SEPARATOR = re.compile(r"(?<!\d[eE])(?<!\.[eE])(?<![=,])\+")  # a plus, but not that of a number: 1e+3, =+1


def parse(
    spec: str, *, scales: Mapping[str, float] | None = None, overrides: Mapping[str, str] | None = None
) -> Objective:
    """Build the game that a spelling names, or raise a ValueError with a one-sentence message.

    Args:
        spec: The spelling.
        scales: The problem's values for scale-bound fields (EBGAN's margin), used where the user set none.
        overrides: Settings by field, or by `part.field`, for every part that has them; names that this game does not
            have are ignored, since one `--set` applies to many games; see `settable`.
    """
    head, *tail = words(spec)
    if head.name in WRAPPERS and head.name not in OBJECTIVES:
        raise _wrapper_first(spec, head, tail)
    pieces = Pieces(parts(make(head.name)())).set(head.settings, head.name)
    for word in tail:
        pieces = pieces.joined(Pieces((_wrapper(word.name),)).set(word.settings, word.name))
    return _adjusted(pieces, spec, scales, overrides)


def adapted(
    objective: Objective, *, scales: Mapping[str, float] | None = None, overrides: Mapping[str, str] | None = None
) -> Objective:
    """Apply a problem's scales and overrides to a game built in Python, as `parse` does for a spelling.

    Fields that differ from their defaults count as set by the user.
    """
    pieces = parts(objective)
    set_by_user = {
        (index, name)
        for index, part in enumerate(pieces)
        for name, field in own_fields(part).items()
        if getattr(part, name) != field.default
    }
    name = type(pieces[0]).__name__
    return _adjusted(Pieces(pieces, frozenset(set_by_user)), name, scales, overrides, objective.traits.recommended)


def _adjusted(
    pieces: Pieces,
    owner: str,
    scales: Mapping[str, float] | None,
    overrides: Mapping[str, str] | None,
    paper: Recommended | None = None,
) -> Objective:
    if overrides:
        known = pieces.names()
        pieces = pieces.set({name: text for name, text in overrides.items() if name in known}, owner)
    ordered = arrange((pieces.scaled(scales) if scales else pieces).parts)
    named = named_game(ordered)
    return assemble(ordered, paper=named.recommended if named else paper)


def settable(objective: Objective) -> set[str]:
    """Return the settings that `overrides` may change in this game: `margin`, and `ebgan.margin` to name the part."""
    return Pieces(parts(objective)).names()


def make(name: str) -> Callable[[], Objective]:
    """Return the callable that builds the objective of a name, a file or module, or an installed plug-in."""
    return partial(built, find(name, OBJECTIVE, OBJECTIVES, AS_SHIPPED, others=_shipped_if_meant(name)), name)


def words(spec: str) -> list[Word]:
    """Split a spelling into its words; a `+` inside a number is not a separator."""
    listed: list[Word] = []
    rest = spec.strip()
    while True:
        name, rest = split_name(rest, {*OBJECTIVES, *WRAPPERS})
        if not name:
            raise UserError(f"'{spec}' has an empty name; write name:field=value+wrapper, for example ns+r1:gamma=1")
        texts, *further = SEPARATOR.split(rest, maxsplit=1)
        listed.append(Word(name, read_settings(texts, name)))
        if not further:
            return listed
        rest = further[0]


def _wrapper_first(spec: str, wrapper: Word, others: list[Word]) -> UserError:
    """Return the error for a wrapper in first place, with the same words in the right order."""
    game = next((word for word in others if word.name in OBJECTIVES), Word("ns", {}))
    right = "+".join(map(str, [game, wrapper, *(word for word in others if word is not game)]))
    return UserError(f"'{wrapper.name}' is a wrapper and must follow what it wraps; write {right}, not '{spec}'")


def _wrapper(name: str) -> Part:
    found: Any = WRAPPERS.get(name) or (load(name, OBJECTIVE) if is_place(name) else None)
    if found is None:
        if name in OBJECTIVES:
            raise UserError(f"'{name}' is an objective and cannot wrap another; wrappers: {', '.join(WRAPPERS)}")
        raise unknown_name("wrapper", name, WRAPPERS)
    if isinstance(found, type) and issubclass(found, Penalty):
        return found()
    if isinstance(found, type) and issubclass(found, Wrapper):
        return found(Objective())  # wraps a placeholder until the game is assembled
    raise UserError(f"'{name}' is not a wrapper; derive it from objectives.Penalty as a frozen dataclass")


def _shipped_if_meant(name: str) -> list[str]:
    return list(AS_SHIPPED) if "/" in name or "shipped" in name else []
