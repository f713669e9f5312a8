"""Tables for a terminal: aligned text, plain or with a little colour."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len

from benchmark.leaderboard import text as words
from benchmark.leaderboard.columns import ShownColumn, columns_of
from benchmark.leaderboard.differences import NOTE, difference_lines
from benchmark.leaderboard.table import Table

GAP = "  "
FIXED = ("row", "runs", "failed")  # kinds of columns that every block of a wide table repeats
LONGEST = 400  # signs of a cell
BOLD, DIM, RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"

# Laid out by hand: rich's tables, with their styles and wrapping, took 1.3 s for the thousand rows of 10,000 runs.


def terminal(tables: Sequence[Table], *, width: int = 120, colour: bool = False) -> str:
    """Write tables as terminal text; one too wide is cut into blocks of columns, each with the row labels."""
    return "\n".join(_one(table, width, colour) for table in tables)


def _one(table: Table, width: int, colour: bool) -> str:
    shown = [(column.kind, [words.readable(text, LONGEST) for text in _texts(column)]) for column in columns_of(table)]
    fixed = [texts for kind, texts in shown if kind in FIXED]
    metrics = [texts for kind, texts in shown if kind not in FIXED]
    lines = []
    for at, block in enumerate(_blocks(fixed, metrics, width)):
        title = words.readable(table.caption, 400) + (" (continued)" if at else "")
        lines += ([""] if at else []) + _lay_out(title, [*fixed, *block], table, colour)
    lines += wrap_notes([*table.notes, *words.published_notes(table)], width, colour)
    against = difference_lines(table)
    if against:
        first, *others = (list(column) for column in zip(*against, strict=True))
        for block in _blocks([first], others, width):
            lines += ["", *align([first, *block])]
        lines += wrap_notes([NOTE], width, colour)
    return "\n".join(lines) + "\n"


def wrap_notes(notes: Sequence[str], width: int, colour: bool) -> list[str]:
    """Return the lines of notes, wrapped and dim."""
    lines = [line for note in notes for line in wrap(words.readable(note, 2000), width, subsequent_indent="  ")]
    return [style_line(line, DIM, colour) for line in lines]


def _texts(column: ShownColumn) -> list[str]:
    return [column.heading, *(entry.text for entry in column.entries)]


def _width(column: Sequence[str]) -> int:
    return max(map(cell_len, column))


def _blocks(fixed: Sequence[list[str]], metrics: Sequence[list[str]], width: int) -> list[list[list[str]]]:
    """Split the metric columns into blocks that fit next to the fixed columns, at least one to each."""
    room = width - sum(_width(column) + len(GAP) for column in fixed) + len(GAP)
    blocks: list[list[list[str]]] = [[]]
    left = room
    for column in metrics:
        need = _width(column) + len(GAP)
        if blocks[-1] and need > left:
            blocks.append([])
            left = room
        blocks[-1].append(column)
        left -= need
    return blocks


def _lay_out(title: str, columns: Sequence[list[str]], table: Table, colour: bool) -> list[str]:
    head, rule, *lines = align(columns)
    dimmed = [
        style_line(line, DIM, colour) if row.control else line for row, line in zip(table.rows, lines, strict=True)
    ]
    return [style_line(title, BOLD, colour), head, rule, *dimmed]


def align(columns: Sequence[list[str]]) -> list[str]:
    """Return heading, rule and lines of columns; the first is left-aligned, the others right-aligned."""
    widths = [_width(column) for column in columns]
    lines = []
    for first, *others in zip(*columns, strict=True):
        padded = [_pad(content, wide) for content, wide in zip(others, widths[1:], strict=True)]
        lines.append(GAP.join([_pad(first, -widths[0]), *padded]).rstrip())
    lines.insert(1, "─" * (sum(widths) + len(GAP) * (len(widths) - 1)))
    return lines


def _pad(content: str, width: int) -> str:
    """Pad a cell to its width on the left, or on the right if the width is negative."""
    space = " " * (abs(width) - cell_len(content))
    return space + content if width > 0 else content + space


def style_line(line: str, style: str, colour: bool) -> str:
    """Return a line in a style, or unchanged without colour."""
    return f"{style}{line}{RESET}" if colour else line
