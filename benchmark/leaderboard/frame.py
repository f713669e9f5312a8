"""Tables as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from benchmark.leaderboard.table import Table

if TYPE_CHECKING:
    import pandas as pd


def frame(built: Iterable[Table]) -> pd.DataFrame:
    """Return tables as one frame: a line for each row and metric."""
    import pandas as pd

    lines = [
        {
            "table": table.caption,
            "row": row.label,
            "control": row.control,
            "metric": column.metric,
            "better": column.direction,
            "runs": row.runs,
            "finished": row.finished,
            "n": cell.mean.n,
            "mean": cell.mean.value,
            "low": None if cell.mean.interval is None else cell.mean.interval.low,
            "high": None if cell.mean.interval is None else cell.mean.interval.high,
            "share": None if row.share is None else row.share.mean.value,
        }
        for table in built
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    return pd.DataFrame(lines).astype(dict.fromkeys(("mean", "low", "high", "share"), float))
