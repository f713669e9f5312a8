"""The law on names: a game's repr and its spelling both lead back to its identity."""

from __future__ import annotations

from objectives.base import Objective
from objectives.compose import Penalised, parts
from objectives.foundation.source import is_outside, source_digest
from objectives.identity import canonical, spelling
from objectives.laws.result import LawResult, absent
from objectives.spec import parse


def identity(objective: Objective) -> LawResult:
    """The repr, evaluated, and the spelling, parsed, are the same game."""
    name, expected = "identity", "repr and spelling reproduce the same identity"
    mine = canonical(objective)
    names = {type(part).__name__: type(part) for part in parts(objective)} | {"Penalised": Penalised}
    if canonical(eval(repr(objective), {"__builtins__": {}}, dict(names))) != mine:
        return LawResult(name, expected, f"{objective!r} evaluates to another game", False)
    if any(is_outside(cls) and source_digest(cls) is None for cls in names.values()):
        return absent(name, expected, "defined in a session: no file to load it from again")
    spelled = spelling(objective)
    return LawResult(name, expected, f"as expected: {spelled}", canonical(parse(spelled)) == mine)
