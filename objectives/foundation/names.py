"""Look up names as users type them, and suggest the nearest known name if there is none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from objectives.foundation.errors import UnknownName

LONGEST_TEXT = 60  # characters of a user's text quoted in a message
LONGEST_PATH = 1_000
MOST_NAMES = 20  # known names that a message lists
NEAR = 0.5  # similarity, at most 1, from which a name is suggested


def resolve(name: str, known: Iterable[str], kind: str, *, or_else: str = "") -> str:
    """Return the known name that matches, ignoring case and `_` against `-`, or raise UnknownName."""
    candidates = sorted(set(known))
    if name in candidates:
        return name
    alike = [candidate for candidate in candidates if folded(candidate) == folded(name)]
    if len(alike) == 1:
        return alike[0]
    raise unknown_name(kind, name, candidates, or_else=or_else)


def unknown_name(kind: str, name: str, known: Iterable[str], *, owner: str = "", or_else: str = "") -> UnknownName:
    """Return the error that says a name is unknown, with the nearest known names and a list of all.

    `or_else` says what may be given instead of a name, such as a file.
    """
    candidates = sorted(set(known))
    near = nearest_names(name, candidates)
    hint = f" Did you mean {' or '.join(repr(other) for other in near)}?" if near else ""
    of_owner = f" of {quote(owner)}" if owner else ""
    beyond = f"; or {or_else}" if or_else else ""
    return UnknownName(f"Unknown {kind} {quote(name)}{of_owner}.{hint} Known: {join_names(candidates)}{beyond}.")


def nearest_names(name: str, known: Iterable[str], most: int = 2) -> list[str]:
    """Return the known names that differ from a name only in case and dashes, or else the most similar ones."""
    candidates = sorted(set(known))
    alike = [candidate for candidate in candidates if folded(candidate) == folded(name)]
    by_form = {folded(candidate): candidate for candidate in reversed(candidates)}
    short = folded(name[: LONGEST_TEXT + 1])  # difflib takes seconds on a pasted file
    return alike or [by_form[form] for form in get_close_matches(short, by_form, n=most, cutoff=NEAR)]


def folded(name: str) -> str:
    """Return a name in the form in which case and the choice between `_` and `-` do not matter."""
    return name.casefold().replace("_", "-")


def quote(text: str | Path) -> str:
    """Quote a user's text for a message: control characters escaped, long text truncated and its length given.

    A path is truncated only if no file system would accept it, since its end identifies the file.
    """
    longest = LONGEST_PATH if isinstance(text, Path) else LONGEST_TEXT
    text = str(text)
    return repr(text) if len(text) <= longest else f"{text[:longest]!r}… ({len(text)} characters)"


def join_names(names: Iterable[str]) -> str:
    """Write names in order, at most so many, and how many more there are."""
    known = sorted(names)
    if not known:
        return "none"
    more = len(known) - MOST_NAMES
    return ", ".join(known[:MOST_NAMES]) + (f", … and {more} more" if more > 0 else "")
