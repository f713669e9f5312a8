"""A problem's table on the page: each cell has its mean, its interval and every seed as a dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.leaderboard import Cell, Column, Comparison, Row, Table, against_baseline
from benchmark.leaderboard import text as words
from benchmark.leaderboard.columns import ColumnEntry, Kind, ShownColumn, columns_of
from benchmark.report import marks
from benchmark.report.scale import Scale, tick_text

WIDTH, HEIGHT = 112, 20  # of the strip of dots
# Scores first: phones are narrow.
ORDER: tuple[Kind, ...] = ("row", "metric", "share", "settled", "runs", "failed", "observed", "seconds", "published")
HINTS: dict[Kind, str] = {"runs": "finished of all"}
SIGNS = {"better": "▲ ", "worse": "▼ ", "different": "≠ "}


@dataclass(frozen=True)
class BoardCell:
    """A cell: the number that sorts it, its text, its dots, and its tooltip."""

    value: float | None
    text: str
    bold: bool = False
    strip: Markup | str = ""
    title: str = ""
    style: str = ""


@dataclass(frozen=True)
class BoardColumn:
    """A column's heading, the small text below it, and its order as `aria-sort`."""

    heading: str
    hint: str
    sorting: str
    numeric: bool
    cells: tuple[BoardCell, ...]


@dataclass(frozen=True)
class BoardRow:
    """A row's label, and what filters it."""

    label: str
    mark: str  # control or submission; nothing of an objective
    failed: bool
    never: bool  # no run finished


@dataclass(frozen=True)
class Board:
    """A table, and the values of every seed behind its dots."""

    columns: tuple[BoardColumn, ...]
    rows: tuple[BoardRow, ...]
    seeds: tuple[int, ...]
    seed_lines: tuple[tuple[str, str, tuple[tuple[float | None, str], ...]], ...]  # row, metric, value by seed


def board(table: Table, *, full: bool) -> Board:
    """Prepare a table for the page; the list of every seed's values holds one metric where the page is large."""
    shown = sorted(columns_of(table), key=lambda column: ORDER.index(column.kind))
    columns = [_board_column(table, column) for column in shown[1:]]  # the rows' own label is first
    against = against_baseline(table)
    if against:
        columns.append(_against(table, against))
    listed = [column for column in table.columns if full or column.metric == table.sort]
    seeds = tuple(sorted({seed for row in table.rows for seed in row.states}))
    lines = tuple(
        (words.readable(row.label), words.readable(column.metric), _by_seed(row, table, column, seeds))
        for column in listed
        for row in table.rows
    )
    rows = tuple(
        BoardRow(words.readable(row.label), row.mark, bool(row.failures), row.finished == 0) for row in table.rows
    )
    return Board(tuple(columns), rows, seeds, lines)


def _board_column(table: Table, shown: ShownColumn) -> BoardColumn:
    """Return a column of the page; a metric has dots on a scale of its own, and one metric is sorted by."""
    heading = words.readable(shown.heading)
    if shown.metric is None:
        numeric = shown.kind in ("runs", "share", "seconds")
        cells = tuple(_cell(shown, entry) for entry in shown.entries)
        return BoardColumn(heading, HINTS.get(shown.kind, ""), "none", numeric, cells)
    scale = _scale(table, shown.metric)
    order = "descending" if shown.metric.direction == "higher" else "ascending"
    sorting = order if shown.metric.metric == table.sort and shown.metric.direction != "none" else "none"
    cells = tuple(_cell(shown, entry, scale) for entry in shown.entries)
    return BoardColumn(heading, f"dots {_span(shown, scale)}", sorting, True, cells)


def _cell(shown: ShownColumn, entry: ColumnEntry, scale: Scale | None = None) -> BoardCell:
    strip = "" if entry.cell is None or scale is None else _strip(entry.cell, scale)
    text = words.readable(entry.text, shown.longest)
    return BoardCell(entry.value, text, entry.bold, strip, style="bad" if shown.kind == "failed" else "")


def _against(table: Table, found: Sequence[Comparison]) -> BoardColumn:
    """Return the column of verdicts: a word with its sign and colour, and the sentence as a tooltip."""
    verdicts = {comparison.a.label: comparison.verdict for comparison in found}
    cells = []
    for row in table.rows:
        verdict = verdicts.get(row.label)
        if verdict is None:
            cells.append(BoardCell(None, "–"))
        else:
            text = SIGNS.get(verdict.word, "") + verdict.word
            cells.append(
                BoardCell(
                    None, text, title=words.readable(verdict.why, 400), style=f"verdict {verdict.word.split()[0]}"
                )
            )
    return BoardColumn(f"against {words.readable(table.baseline or '')}", "", "none", False, tuple(cells))


def _scale(table: Table, column: Column) -> Scale:
    at = table.columns.index(column)
    values = [value for row in table.rows for value in row.cells[at].values.values()]
    return Scale.of(values, may_be_logarithmic=column.direction != "higher")


def _span(shown: ShownColumn, scale: Scale) -> str:
    """Write the ends between which dots lie."""
    values = [value for entry in shown.entries if entry.cell for value in entry.cell.values.values()]
    inside = [value for value in values if 0 < scale.place(value) < 1]
    ends = [tick_text(float(f"{end:.2g}")) for end in (min(inside), max(inside))] if inside else ["–", "–"]
    return f"{' … '.join(ends)}{', log' if scale.logarithmic else ''}"


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
