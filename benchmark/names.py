"""Look-up of names as people type them, with the nearest known name when there is none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from benchmark.errors import UnknownName

LONGEST_SHOWN = 60  # characters of a user's text that a message repeats
LONGEST_PATH = 1_000
MOST_LISTED = 20  # known names that a message lists


def resolve(name: str, known: Iterable[str], kind: str) -> str:
    """Return the known name that is meant, blind to case and to `_` against `-`; else raise UnknownName."""
    candidates = sorted(set(known))
    if name in candidates:
        return name
    short = name[: LONGEST_SHOWN + 1]  # difflib takes seconds on a pasted file
    alike = [candidate for candidate in candidates if _folded(candidate) == _folded(name)]
    if len(alike) == 1:
        return alike[0]
    by_form = {_folded(candidate): candidate for candidate in reversed(candidates)}
    near = alike or [by_form[form] for form in get_close_matches(_folded(short), by_form, n=1, cutoff=0.6)]
    raise UnknownName(f"Unknown {kind} {shown(name)}.{_hint(near)} Known: {listed(candidates)}.")


def shown(text: str | Path) -> str:
    """Quote a user's text for a message: control characters escaped, long text cut and its length told.

    A path is only cut where no file system would take it: its end tells which file is meant.
    """
    longest = LONGEST_PATH if isinstance(text, Path) else LONGEST_SHOWN
    text = str(text)
    return repr(text) if len(text) <= longest else f"{text[:longest]!r}… ({len(text)} characters)"


def listed(names: Iterable[str]) -> str:
    """Write names in their order, at most so many and how many more there are."""
    known = sorted(names)
    if not known:
        return "none"
    more = len(known) - MOST_LISTED
    return ", ".join(known[:MOST_LISTED]) + (f", … and {more} more" if more > 0 else "")


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-")


def _hint(near: list[str]) -> str:
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
