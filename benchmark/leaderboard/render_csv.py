"""Tables as CSV: one line per table, row and metric, so that tables of different columns fit one file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from benchmark.leaderboard.published import Published
from benchmark.leaderboard.table import Cell, Column, Row, Table
from benchmark.stats import Interval, mean_interval
from benchmark.store import FAILED_STATES, canonical_json

HEADER = (
    "problem", "track", "comparable", "row", "control", "metric", "direction", "mean", "low", "high", "level",
    "deviation", "iqm", "iqm_low", "iqm_high", "share", "share_low", "share_high", "n", "runs", "finished",
    *FAILED_STATES,
)  # fmt: skip

PUBLISHED = ("published", "published_error", "published_error_kind", "published_source", "published_note")

NO_METRIC = Column("", "none")  # a table without any score still has its rows and their failures
NO_CELL = Cell({}, mean_interval([]))


def as_csv(tables: Sequence[Table]) -> str:
    """Write tables as CSV with a header; numbers keep every digit, a missing one is empty.

    Papers' numbers have their own lines and columns, which are present only if a table has any.
    """
    extra = PUBLISHED if any(table.published for table in tables) else ()
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((*HEADER, *extra))
    for table in tables:
        for row in table.rows:
            for at, column in enumerate(table.columns or (NO_METRIC,)):
                cell = row.cells[at] if row.cells else NO_CELL
                writer.writerow([*_line(table, row, column, cell), *[""] * len(extra)])
        writer.writerows(_published_line(table, one) for one in table.published)
    return stream.getvalue()


def safe(text: str) -> str:
    """Keep a spreadsheet from running text as a formula (OWASP, https://owasp.org/www-community/attacks/CSV_Injection)."""
    text = text.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair could not be written to a file
    text = text.replace("\0", "\\0").replace("\r", "\\r")  # the csv module does not quote a lone carriage return
    runs = text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or text.startswith(("\t", "\n"))
    return "'" + text if runs else text


def _published_line(table: Table, one: Published) -> list[str]:
    at = table.column(one.metric)
    line = dict.fromkeys(HEADER, "") | {
        "problem": safe(table.problem),
        "track": table.track or "",
        "comparable": safe(canonical_json(table.comparable)),
        "row": safe(one.row),
        "metric": safe(one.metric),
        "direction": "none" if at is None else table.columns[at].direction,
    }
    numbers = ("" if value is None else repr(value) for value in (one.value, one.error))
    return [*line.values(), *numbers, *(safe(text) for text in (one.error_kind or "", one.source, one.note))]


def _line(table: Table, row: Row, column: Column, cell: Cell) -> list[str]:
    mean, middle = cell.mean, cell.iqm
    level = None if mean.interval is None else mean.interval.level
    numbers = [mean.value, *_ends(mean.interval), level, mean.deviation]
    numbers += [middle.value, *_ends(middle.interval)]
    share = row.share.mean if row.share is not None and column.metric == table.sort else mean_interval([])
    numbers += [share.value, *_ends(share.interval)]
    return [
        safe(table.problem),
        table.track or "",
        safe(canonical_json(table.comparable)),
        safe(row.label),
        "yes" if row.control else "no",
        safe(column.metric),
        column.direction,
        *("" if value is None else repr(float(value)) for value in numbers),
        *(str(whole) for whole in (mean.n, row.runs, row.finished)),
        *(str(row.failures.get(state, 0)) for state in FAILED_STATES),
    ]


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)
