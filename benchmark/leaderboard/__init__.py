"""Leaderboards: a pure function of records, and its renderings.

table      what a table is             grouping  which records may stand in one
build      records to tables           notes     what a table says below itself
text       numbers and names as text   render_*  one format each
"""

from __future__ import annotations

from benchmark.leaderboard.build import tables
from benchmark.leaderboard.render_csv import as_csv
from benchmark.leaderboard.render_markdown import markdown
from benchmark.leaderboard.render_terminal import terminal
from benchmark.leaderboard.table import Cell, Column, Row, Table

__all__ = ["Cell", "Column", "Row", "Table", "as_csv", "markdown", "tables", "terminal"]
