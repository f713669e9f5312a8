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
    blocks = [_measured(found), _overview(found)]
    for name, shipped in AS_SHIPPED.items():
        broken = ", ".join(f"[{law}](laws.md)" for law in shipped.breaks)
        said = [
            ("stands under the name of", code(shipped.instead_of)),
            ("source", escaped(shipped.source)),
            ("what it computes", linked(shipped.deviation)),
            ("breaks", broken or "no law: it is a convention"),
        ]
        blocks += [f"## {_short(name)}", facts(said), _cost(name, found)]
    return joined(blocks)


def _measured(records: list[Record]) -> str:
    if records:
        problems = ", ".join(sorted({f"`{record.problem}`" for record in records}))
        seeds = len({record.seed for record in records})
        said = f"The costs below were measured on {problems} over {seeds} seeds by this command:\n\n{literal(SUITE)}"
        return f"{said}\n\nEach verdict is of one comparison, not corrected for there being {len(AS_SHIPPED)}."
    return f"This command measures what each deviation costs; this page reads its records:\n\n{literal(SUITE)}"


def _overview(records: list[Record]) -> str:
    """Return the difference of every version from the objective it is named after; empty without runs."""
    rows = [
        (
            f"[{_short(name)}](#{_short(name)})",
            code(one.problem),
            code(one.metric),
            _gap(one),
            escaped(one.verdict.word),
        )
        for name, shipped in AS_SHIPPED.items()
        for one in _compared(name, shipped.instead_of, records)
    ]
    return table(("version", "on", "by", "difference to the game it is named after", "verdict"), rows) if rows else ""


def _short(name: str) -> str:
    return name.removeprefix("as-shipped/")


def _gap(one: Comparison) -> str:
    value, interval = one.difference.value, one.difference.interval
    if value is None:
        return "–"
    return number(value) + (f" [{number(interval.low)}, {number(interval.high)}]" if interval else "")


def _compared(name: str, claimed: str, records: list[Record]) -> list[Comparison]:
    try:
        return compare_each(records, name, [claimed])
    except UserError:
        return []


def _cost(name: str, records: list[Record]) -> str:
    """Compare a version with the objective it is named after; empty if either has no runs."""
    claimed = AS_SHIPPED[name].instead_of
    blocks = []
    for one in tables(records):
        rows = _rows(one, claimed, name)
        heads = [escaped(heading(column)) for column in one.columns]
        blocks.append(table((f"on {code(one.problem)}", "finished", *heads), rows) if rows else "")
    said = " ".join(_said(one) for one in _compared(name, claimed, records))
    return joined([*blocks, said]) if any(blocks) else ""


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


def _said(one: Comparison) -> str:
    return linked(f"By `{one.metric}` on `{one.problem}`: {one.verdict.word}; {one.verdict.why}")
