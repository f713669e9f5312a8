"""The versions as shipped elsewhere: what each computes, which laws it breaks, and what that cost in training."""

from __future__ import annotations

from pathlib import Path

from markup import code, escaped, facts, joined, linked, literal, table

from benchmark.errors import UserError
from benchmark.leaderboard import Comparison, Table, compare_each, row_named, tables
from benchmark.leaderboard.text import cell_text, count, heading, number
from benchmark.store import Record, read_all
from objectives import AS_SHIPPED

SUITE = "gan-bench run --suite as-shipped --results results/as-shipped"


def shipped_page(records: Path) -> str:
    """Write one section per version, with its cost where runs of it are on record."""
    found = read_all(records)[0] if records.is_dir() else []
    blocks = [_measured(found)]
    for name, shipped in AS_SHIPPED.items():
        broken = ", ".join(f"[{law}](laws.md)" for law in shipped.breaks)
        said = [
            ("stands under the name of", code(shipped.instead_of)),
            ("source", escaped(shipped.source)),
            ("what it computes", linked(shipped.deviation)),
            ("breaks", broken or "no law: it is a convention"),
        ]
        blocks += [f"## {name.removeprefix('as-shipped/')}", facts(said), _cost(name, found)]
    return joined(blocks)


def _measured(records: list[Record]) -> str:
    if records:
        problems = ", ".join(sorted({f"`{record.problem}`" for record in records}))
        seeds = len({record.seed for record in records})
        return f"The costs below were measured on {problems} over {seeds} seeds by this command:\n\n{literal(SUITE)}"
    return f"This command measures what each deviation costs; this page reads its records:\n\n{literal(SUITE)}"


def _cost(name: str, records: list[Record]) -> str:
    """Hold a version against the game whose name it bears; nothing where either has no runs."""
    claimed = AS_SHIPPED[name].instead_of
    blocks = []
    for one in tables(records):
        rows = _rows(one, claimed, name)
        heads = [escaped(heading(column)) for column in one.columns]
        blocks.append(table((f"on {code(one.problem)}", "finished", *heads), rows) if rows else "")
    return joined([*blocks, _verdict(name, claimed, records)]) if any(blocks) else ""


def _rows(built: Table, *names: str) -> list[tuple[str, ...]]:
    labels = {row.label for row in built.rows}
    try:
        wanted = {name: row_named(name, labels) for name in names}
    except UserError:
        return []
    rows = []
    for name, label in wanted.items():
        row = built.row(label)
        assert row is not None
        rows.append((code(name), count(row), *(cell_text(cell, row.finished) for cell in row.cells)))
    return rows


def _verdict(name: str, claimed: str, records: list[Record]) -> str:
    try:
        compared = compare_each(records, name, [claimed])
    except UserError:
        return ""
    return " ".join(_said(one) for one in compared)


def _said(one: Comparison) -> str:
    value = one.difference.value
    gap = "" if value is None else f" (difference {number(value)})"
    return linked(f"By `{one.metric}` on `{one.problem}`: {one.verdict.word}{gap}; {one.verdict.why}")
