"""Leaderboards: a pure function of records, and its renderings.

table      the data of a table         grouping   which records may share a table
columns    the columns that are shown  build      records to tables           notes      the notes below a table
compare    pairs of rows, corrected    verdict    the conclusion of a comparison
ranking    one order over problems     curves     training curves on one axis
differences  the lines below a table   text       numbers and names as text
spelled    rows by any spelling of their objective
exhausted_oracle  oracles that use all their samples
render_*   one format each
rungs      runs at a smaller budget    ladder     what has settled by the last rung
share, way  the common scale of all problems
conclusion  what a track shows, in words  agreement  agreement of the orders of two problems
cost       the cost of a run           front      quality against cost
sweep      rows that differ only in one setting
staleness  whether a generated file is current  published  papers' numbers, in a separate column
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmark.leaderboard.build import Metrics, tables, tables_with, with_published
from benchmark.leaderboard.compare import Comparison, against_baseline, compare, compare_each
from benchmark.leaderboard.cost import read_costs, with_costs
from benchmark.leaderboard.curves import median_curve, side_by_side
from benchmark.leaderboard.frame import frame
from benchmark.leaderboard.published import Published, read_published
from benchmark.leaderboard.ranking import Ranking, rankings
from benchmark.leaderboard.render_compare import comparisons as comparisons_text
from benchmark.leaderboard.render_csv import as_csv
from benchmark.leaderboard.render_json import as_json, plain
from benchmark.leaderboard.render_latex import latex
from benchmark.leaderboard.render_markdown import markdown
from benchmark.leaderboard.render_ranking import ranking_markdown, ranking_terminal
from benchmark.leaderboard.render_terminal import terminal
from benchmark.leaderboard.rungs import at_budget, beside, budgets
from benchmark.leaderboard.spelled import row_named
from benchmark.leaderboard.staleness import staleness
from benchmark.leaderboard.sweep import Sweep, sweep_text, sweeps
from benchmark.leaderboard.table import Cell, Column, Row, Table
from benchmark.leaderboard.verdict import Verdict

RENDERINGS: dict[str, Callable[[Sequence[Table]], str]] = {
    "csv": as_csv,
    "json": as_json,
    "latex": latex,
    "md": markdown,
    "table": terminal,
}

__all__ = [
    "RENDERINGS",
    "Cell",
    "Column",
    "Comparison",
    "Metrics",
    "Published",
    "Ranking",
    "Row",
    "Sweep",
    "Table",
    "Verdict",
    "against_baseline",
    "as_csv",
    "as_json",
    "at_budget",
    "beside",
    "budgets",
    "compare",
    "compare_each",
    "comparisons_text",
    "frame",
    "latex",
    "markdown",
    "median_curve",
    "plain",
    "ranking_markdown",
    "ranking_terminal",
    "rankings",
    "read_costs",
    "read_published",
    "row_named",
    "side_by_side",
    "staleness",
    "sweep_text",
    "sweeps",
    "tables",
    "tables_with",
    "terminal",
    "with_costs",
    "with_published",
]
