"""`gan-bench list`: everything available, one line each."""

from __future__ import annotations

from textwrap import fill
from typing import Annotated

import typer

from benchmark.catalogue.entries import SECTIONS, Rows
from benchmark.cli.options import Json, require_name
from benchmark.cli.output import aligned, say, screen_width, write_json
from objectives.foundation.names import resolve


def list_(
    kind: Annotated[
        str | None,
        typer.Argument(help=f"List only one kind: {', '.join(SECTIONS)}.", metavar="[KIND]"),
    ] = None,
    json: Json = None,
) -> None:
    """List everything available, including versions as shipped elsewhere and tables from papers."""
    if kind is not None:
        require_name(kind)
        kind = resolve(kind, SECTIONS, "list")
    listed = {name: rows() for name, rows in SECTIONS.items() if kind in (None, name)}
    write_json(json, "list", {name.replace("-", "_"): rows for name, rows in listed.items()})
    lines = [line for name, rows in listed.items() for line in ("", _heading(name, rows), *_table(rows))]
    say("\n".join(lines[1:]))


def _heading(name: str, rows: Rows) -> str:
    """Return a section's name and size; for objectives, also the number of each role."""
    if name != "objectives":
        return f"{name} ({len(rows)})"
    from objectives.describe import count_roles

    kinds = ", ".join(f"{number} {kind}" for kind, number in count_roles().items())
    return fill(f"{name} ({len(rows)}): {kinds}", screen_width() or 1_000, subsequent_indent="  ")


def _table(rows: Rows) -> list[str]:
    """Lay the rows out under their headings; the second column, the description, wraps."""
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    return aligned(cells, flexible=1, width=screen_width())
