"""Output of the commands: text and JSON."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

import typer
from rich.cells import cell_len

from benchmark.errors import UserError
from benchmark.leaderboard import (
    RENDERINGS,
    Ranking,
    Table,
    as_json,
    markdown,
    plain,
    ranking_markdown,
    ranking_terminal,
    terminal,
)
from benchmark.leaderboard.text import readable
from benchmark.store import write_atomically
from objectives.foundation.names import quote

PIPED_WIDTH = 140  # columns of a table where the output is no terminal
NARROWEST = 24  # columns that wrapped text needs to be readable
LONGEST_LINE = 10_000  # characters of foreign text in one line
GAP = "  "
SCHEMA = 1  # of the JSON


class Page(NamedTuple):
    """The description of a name: its kind, its facts for JSON, its text, and how to draw it, if possible."""

    kind: str
    facts: dict[str, Any]
    lines: list[str]
    picture: Callable[[], bytes] | None = None


def say(text: str, *, err: bool = False) -> None:
    """Print untrusted text line by line, with control characters escaped."""
    emit("\n".join(readable(line.expandtabs(), LONGEST_LINE) for line in text.split("\n")), err=err)


def emit(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Print trusted text; replace characters that the stream cannot encode."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    try:
        typer.echo(text.encode(encoding, "replace").decode(encoding), err=err, nl=newline)
    except BrokenPipeError:  # the reader has seen enough
        raise
    except OSError as error:
        if err:
            return  # there is nowhere to report it
        discard_output()
        raise UserError(f"Cannot write to standard output: {error.strerror or error}.") from error


def discard_output() -> None:
    """Discard the buffer of standard output, so that Python does not fail again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def screen_width() -> int | None:
    """Return the terminal's width in columns; None, for no wrapping, if the output is not a terminal."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else None


def takes_colour() -> bool:
    """Return whether to use bold and dim: not on a dumb terminal, nor if NO_COLOR is set (no-color.org)."""
    return os.environ.get("TERM", "") not in ("", "dumb") and not os.environ.get("NO_COLOR")


def emit_tables(built: Sequence[Table], ranked: Sequence[Ranking] = ()) -> None:
    """Print tables and rankings, fitted to the terminal's width and in colour if possible."""
    screen = screen_width()
    width, colour = screen or PIPED_WIDTH, screen is not None and takes_colour()
    pieces = [terminal(built, width=width, colour=colour), ranking_terminal(ranked, width=width, colour=colour)]
    emit("\n".join(filter(None, pieces)))


def rendered(built: Sequence[Table], ranked: Sequence[Ranking], form: str) -> str:
    """Write tables in a file format, with rankings if the format allows them."""
    if form == "json":
        return as_json(built, ranked)
    if form == "md":
        return "\n".join(filter(None, [markdown(built), ranking_markdown(ranked)]))
    if form == "table":
        pieces = [terminal(built, width=PIPED_WIDTH), ranking_terminal(ranked, width=PIPED_WIDTH)]
        return "\n".join(filter(None, pieces)) + "\n"
    return RENDERINGS[form](built)


def aligned(rows: Sequence[Sequence[str]], *, flexible: int, indent: str = "  ", width: int | None = None) -> list[str]:
    """Lay rows out in columns; if they are wider than `width`, the flexible column wraps.

    If that leaves it too narrow to read, all columns but the first are joined into one that wraps. If even that is
    too narrow, each row becomes a line and an indented paragraph.
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    total = len(indent) + sum(widths) + len(GAP) * (len(widths) - 1)
    if width is None or total <= width:
        return [indent + _joined(row, widths) for row in rows]
    widths[flexible] -= total - width
    if widths[flexible] >= NARROWEST:
        return [indent + line for row in rows for line in _wrapped(row, widths, flexible)]
    merged = [[row[0], ", ".join(filter(None, row[1:]))] for row in rows]
    room = width - len(indent) - widths[0] - len(GAP)
    if room >= NARROWEST and flexible != 0:
        return [indent + line for row in merged for line in _wrapped(row, [widths[0], room], 1)]
    return [line for name, text in merged for line in (indent + name, *paragraph(text, indent=indent * 2, width=width))]


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
    return GAP.join(padded).rstrip()


def _wrapped(row: Sequence[str], widths: Sequence[int], flexible: int) -> list[str]:
    first, *others = wrap(row[flexible], widths[flexible], break_on_hyphens=False) or [""]
    blank = [""] * len(row)
    lines = [[*row[:flexible], first, *row[flexible + 1 :]]]
    lines += [[*blank[:flexible], other, *blank[flexible + 1 :]] for other in others]
    return [_joined(line, widths) for line in lines]


def paragraph(text: str, *, indent: str = "  ", width: int | None = None) -> list[str]:
    """Wrap a paragraph to a width; without a width, write one line."""
    room = max(NARROWEST, width or LONGEST_LINE)
    return wrap(text, room, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def write_json(path: Path | None, command: str, content: dict[str, Any]) -> None:
    """Write a command's result as JSON, completely or not at all; do nothing without a file."""
    if path is None:
        return
    whole = {"schema": SCHEMA, "command": command} | plain(content)
    write_file(path, (json.dumps(_finite(whole), indent=1, allow_nan=False) + "\n").encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file that the user named."""
    try:
        write_atomically(path, content)
    except UserError:
        raise
    except ValueError as error:  # a NUL in the path
        raise UserError(f"Cannot write {quote(path)}: {error}.") from error


def _finite(value: Any) -> Any:
    """Replace numbers that JSON cannot represent by null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(content) for name, content in value.items()}
    return [_finite(content) for content in value] if isinstance(value, list) else value
