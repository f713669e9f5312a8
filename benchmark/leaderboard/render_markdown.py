"""Tables in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.leaderboard import text as words
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
    lines = [f"### {escaped(table.caption, 400)}", "", *grid(_head(table), _rows(table))]
    notes = [f"- {escaped(note, 2000)}" for note in (*table.notes, *words.published_notes(table))]
    if words.emphasised(table):
        notes.append(f"- {words.BOLD_NOTE}")
    against = [[escaped(cell, words.LONGEST_TEXT + 10) for cell in line] for line in difference_lines(table)]
    below = ["", *grid(against[0], against[1:]), "", f"- {escaped(NOTE, 2000)}"] if against else []
    return "\n".join([*lines, "", *notes, *below, ""])


def _head(table: Table) -> list[str]:
    head = ["objective", "runs", *(["failed"] if words.has_failures(table) else [])]
    head += [escaped(words.heading(column)) for column in table.columns]
    head += ["s / run"] if words.has_seconds(table) else []
    return [*head, *([words.PUBLISHED] if table.published else [])]


def _rows(table: Table) -> list[list[str]]:
    bold = words.emphasised(table)
    rows = []
    for at, row in enumerate(table.rows):
        cells = [escaped(words.label(row), words.LONGEST_TEXT + 10), words.count(row)]
        cells += [words.failures(row)] if words.has_failures(table) else []
        for place, cell in enumerate(row.cells):
            content = words.cell_text(cell, row.finished)
            cells.append(f"**{content}**" if (at, place) in bold else content)
        cells += [words.seconds(row)] if words.has_seconds(table) else []
        cells += [escaped(words.published(table, row), words.LONGEST_PUBLISHED)] if table.published else []
        rows.append(cells)
    return rows


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table's lines, its first column set left, from cells that are escaped already."""
    return [_line(head), _line([":---", *["---:"] * (len(head) - 1)]), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
