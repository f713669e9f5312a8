"""Rows by any spelling of their game: `rsgan+r1+r2` is the row `r3gan`."""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.errors import UnknownName
from objectives.foundation.names import resolve

CHANGED = " @"  # what follows in a label are training settings that were changed


def row_named(text: str, labels: Iterable[str]) -> str:
    """Return the label that a text means: one of `labels`, or another spelling of its game; else raise UnknownName.

    Objectives, and torch with them, are imported only where no label reads like the text.
    """
    known = set(labels)
    try:
        return resolve(text, known, "row")
    except UnknownName:
        label = respelled(text)
        if label in known:
            return label
        raise


def respelled(text: str) -> str | None:
    """Write a game as labels do, its changed training settings behind it; None where the text names no game."""
    from objectives.identity import spelling
    from objectives.spec import parse

    game, mark, settings = text.partition(CHANGED)
    try:
        return spelling(parse(game)) + mark + settings
    except (ValueError, OSError, SystemExit):  # no such game, or a user's file that cannot be imported
        return None
