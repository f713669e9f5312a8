"""Tables in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.leaderboard import text as words
from benchmark.leaderboard.columns import BOLD_NOTE, ColumnEntry, ShownColumn, columns_of
from benchmark.leaderboard.differences import NOTE, difference_lines
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
    shown = columns_of(table)
    columns = [[escaped(column.heading), *(_cell(entry, column) for entry in column.entries)] for column in shown]
    head, *rows = zip(*columns, strict=True)
    lines = [f"### {escaped(table.caption, 400)}", "", *grid(head, rows)]
    notes = [f"- {escaped(note, 2000)}" for note in (*table.notes, *words.published_notes(table))]
    if any(entry.bold for column in shown for entry in column.entries):
        notes.append(f"- {BOLD_NOTE}")
    against = [[escaped(cell, words.LONGEST_TEXT + 10) for cell in line] for line in difference_lines(table)]
    below = ["", *grid(against[0], against[1:]), "", f"- {escaped(NOTE, 2000)}"] if against else []
    return "\n".join([*lines, "", *notes, *below, ""])


def _cell(entry: ColumnEntry, column: ShownColumn) -> str:
    text = escaped(entry.text, column.longest)
    return f"**{text}**" if entry.bold else text


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table's lines from escaped cells; the first column is left-aligned."""
    return [_line(head), _line([":---", *["---:"] * (len(head) - 1)]), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
