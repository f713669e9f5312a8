"""A problem's table as the page shows it: each cell its mean, its interval and every seed as a dot."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from benchmark.leaderboard import Cell, Column, Comparison, Row, Table, against_baseline
from benchmark.leaderboard import text as words
from benchmark.report import marks
from benchmark.report.scale import Scale, tick_text

WIDTH, HEIGHT = 140, 20  # of the strip of dots


@dataclass(frozen=True)
class ShownCell:
    """A cell: the number that sorts it, its text, and its dots."""

    value: float | None
    text: str
    bold: bool
    strip: Markup


@dataclass(frozen=True)
class ShownColumn:
    """A column's heading, and what its dots span."""

    name: str
    span: str
    sorting: str  # aria-sort


@dataclass(frozen=True)
class ShownRow:
    """A row with what sorts and filters it."""

    label: str
    control: bool
    failed: bool
    never: bool  # no run finished
    runs: str
    share: float  # of runs that finished
    failures: str
    cells: tuple[ShownCell, ...]
    seconds: tuple[float | None, str]
    verdict: tuple[str, str] | None  # the word, and why
    published: str  # what papers printed


@dataclass(frozen=True)
class ShownTable:
    """A table, and the values of every seed behind its dots."""

    columns: tuple[ShownColumn, ...]
    rows: tuple[ShownRow, ...]
    baseline: str | None
    has_seconds: bool
    seeds: tuple[int, ...]
    seed_lines: tuple[tuple[str, str, tuple[tuple[float | None, str], ...]], ...]  # row, metric, value by seed


def shown(table: Table, *, full: bool) -> ShownTable:
    """Prepare a table for the page; the list of every seed's values holds one metric where the page is large."""
    scales = [_scale(table, at) for at in range(len(table.columns))]
    bold = words.emphasised(table)
    against = {found.a.label: found for found in against_baseline(table)}
    rows = tuple(
        _row(table, row, scales, frozenset(at for line, at in bold if line == number), against.get(row.label))
        for number, row in enumerate(table.rows)
    )
    columns = tuple(_column(table, column, scale) for column, scale in zip(table.columns, scales, strict=True))
    listed = [column for column in table.columns if full or column.metric == table.sort]
    seeds = tuple(sorted({seed for row in table.rows for seed in row.states}))
    lines = tuple(
        (words.readable(row.label), words.readable(column.metric), _by_seed(row, table, column, seeds))
        for column in listed
        for row in table.rows
    )
    return ShownTable(columns, rows, _readable(table.baseline), words.has_seconds(table), seeds, lines)


def _readable(text: str | None) -> str | None:
    return None if text is None else words.readable(text)


def _scale(table: Table, at: int) -> Scale:
    values = [value for row in table.rows for value in row.cells[at].values.values()]
    return Scale.of(values, may_be_logarithmic=table.columns[at].direction != "higher")


def _column(table: Table, column: Column, scale: Scale) -> ShownColumn:
    at = table.columns.index(column)
    values = [value for row in table.rows for value in row.cells[at].values.values() if 0 < scale.place(value) < 1]
    ends = [tick_text(float(f"{end:.2g}")) for end in (min(values), max(values))] if values else ["–", "–"]
    span = f"{' … '.join(ends)}{', log' if scale.logarithmic else ''}"
    order = "descending" if column.direction == "higher" else "ascending"
    sorting = order if column.metric == table.sort and column.direction != "none" else "none"
    return ShownColumn(words.readable(words.heading(column)), span, sorting)


def _row(table: Table, row: Row, scales: list[Scale], bold: frozenset[int], against: Comparison | None) -> ShownRow:
    seconds = row.compute.get("seconds")
    return ShownRow(
        label=words.readable(row.label),
        control=row.control,
        failed=bool(row.failures),
        never=row.finished == 0,
        runs=words.count(row),
        share=row.finished / row.runs,
        failures=words.failures(row),
        cells=tuple(
            ShownCell(cell.mean.value, words.cell_text(cell, row.finished), at in bold, _strip(cell, scale))
            for at, (cell, scale) in enumerate(zip(row.cells, scales, strict=True))
        ),
        seconds=(None if seconds is None else seconds.value, words.seconds(row)),
        published=words.published(table, row),
        verdict=None if against is None else (against.verdict.word, words.readable(against.verdict.why, 400)),
    )


def _strip(cell: Cell, scale: Scale) -> Markup:
    """Draw every seed's value as a dot, the interval as a line, the mean as a tick."""
    if not cell.values:
        return Markup("")
    spots = [(_x(value, scale), 5 + seed * 4 % 11) for seed, value in cell.values.items()]
    line = ""
    if cell.mean.interval is not None:
        line = f"M{_x(cell.mean.interval.low, scale):.0f} 10H{_x(cell.mean.interval.high, scale):.0f}"
    if cell.mean.value is not None:
        line += f"M{_x(cell.mean.value, scale):.0f} 3v14"
    return Markup('<svg class="s"><path class="i" d="{}"/><path class="d" d="{}"/></svg>').format(
        line, marks.dots(spots)
    )


def _x(value: float, scale: Scale) -> float:
    return 3 + (WIDTH - 6) * scale.place(value)


def _by_seed(row: Row, table: Table, column: Column, seeds: tuple[int, ...]) -> tuple[tuple[float | None, str], ...]:
    values = row.cells[table.columns.index(column)].values
    return tuple(
        (values[seed], words.number(values[seed])) if seed in values else (None, _absent(row, seed)) for seed in seeds
    )


def _absent(row: Row, seed: int) -> str:
    state = row.states.get(seed)
    return "–" if state in (None, "ok") else str(state).replace("_", " ")
