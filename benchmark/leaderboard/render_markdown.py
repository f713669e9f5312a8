"""Tables in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.leaderboard import text as words
from benchmark.leaderboard.table import Table

_SPECIAL = re.compile(r"[\\`*_|\[\]~#$]")  # $ opens mathematics on GitHub
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def markdown(tables: Sequence[Table]) -> str:
    """Write tables as Markdown, each under a heading, with its notes below."""
    return "\n".join(_one(table) for table in tables)


def escaped(text: str, longest: int = words.LONGEST_TEXT) -> str:
    """Make text mean itself in a Markdown table cell."""
    safe = words.readable(text, longest)
    for sign, entity in _ENTITIES.items():
        safe = safe.replace(sign, entity)
    return _SPECIAL.sub(r"\\\g<0>", safe.replace("&#64;", "\0")).replace("\0", "&#64;").replace("://", ":&#47;/")


def _one(table: Table) -> str:
    failed = words.has_failures(table)
    head = ["objective", "runs", *(["failed"] if failed else []), *(escaped(words.heading(c)) for c in table.columns)]
    lines = [f"### {escaped(table.caption, 400)}", "", _line(head), _line([":---", *["---:"] * (len(head) - 1)])]
    bold = words.emphasised(table)
    for at, row in enumerate(table.rows):
        cells = [escaped(words.label(row), words.LONGEST_TEXT + 10), words.count(row)]
        cells += [words.failures(row)] if failed else []
        for place, cell in enumerate(row.cells):
            content = words.cell_text(cell, row.finished)
            cells.append(f"**{content}**" if (at, place) in bold else content)
        lines.append(_line(cells))
    notes = [f"- {escaped(note, 2000)}" for note in table.notes]
    if bold:
        notes.append("- Bold: the best mean that has an interval, and every row whose interval overlaps that one.")
    return "\n".join([*lines, "", *notes, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
