"""Tables for a terminal, through rich."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from benchmark.leaderboard import text as words
from benchmark.leaderboard.table import Table

PADDING = 2  # columns of space that rich puts around a cell


def terminal(tables: Sequence[Table], *, width: int = 120, colour: bool = False) -> str:
    """Write tables as terminal text; one too wide is cut into blocks of columns, never into unreadable cells."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
    )
    for position, table in enumerate(tables):
        if position:
            console.print()
        for block in rich_tables(table, width):
            console.print(block)
        for note in table.notes:
            console.print(Text(words.readable(note, 2000), style="dim"))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n" if tables else ""


def rich_tables(table: Table, width: int = 120) -> list[RichTable]:
    """Give a table as rich tables no wider than the terminal, each with the row labels."""
    fixed = _fixed_columns(table)
    metrics = _metric_columns(table)
    room = width - sum(_width(column) for column in fixed)
    blocks: list[list[list[str]]] = [[]]
    left = room
    for column in metrics:
        if blocks[-1] and _width(column) > left:
            blocks.append([])
            left = room
        blocks[-1].append(column)
        left -= _width(column)
    titles = [table.caption] + [f"{table.caption} (continued)"] * (len(blocks) - 1)
    return [_rich(title, fixed, block, table) for title, block in zip(titles, blocks, strict=True)]


def _fixed_columns(table: Table) -> list[list[str]]:
    columns = [
        ["objective", *(words.label(row) for row in table.rows)],
        ["runs", *(words.count(row) for row in table.rows)],
    ]
    if words.has_failures(table):
        columns.append(["failed", *(words.failures(row) for row in table.rows)])
    return columns


def _metric_columns(table: Table) -> list[list[str]]:
    return [
        [words.readable(words.heading(column)), *(words.cell_text(row.cells[at], row.finished) for row in table.rows)]
        for at, column in enumerate(table.columns)
    ]


def _width(column: Sequence[str]) -> int:
    return max(Text(content).cell_len for content in column) + PADDING


def _rich(title: str, fixed: Sequence[list[str]], metrics: Sequence[list[str]], table: Table) -> RichTable:
    # Text, never str: rich would read markup in the names of other people's objectives.
    rich = RichTable(
        title=Text(words.readable(title, 400)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, show_edge=False
    )
    for position, (heading, *_) in enumerate([*fixed, *metrics]):
        rich.add_column(Text(heading), justify="right" if position else "left", overflow="fold")
    for at, row in enumerate(table.rows):
        style = "dim" if row.control else ""
        rich.add_row(*(Text(column[at + 1], style=style) for column in (*fixed, *metrics)))
    return rich
