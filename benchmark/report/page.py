"""The whole page: a single self-contained file."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from benchmark.figures.ladder_plot import named
from benchmark.leaderboard import Published, Table, rankings
from benchmark.leaderboard.differences import NOTE, difference_lines
from benchmark.leaderboard.text import published_notes, readable
from benchmark.report.compute import CostChart, cost
from benchmark.report.curves import Chart, charts
from benchmark.report.facts import TableFacts, facts
from benchmark.report.failures import Ends, ends
from benchmark.report.gather import Material, Section, gather
from benchmark.report.headline import agreement_matrix, headlines, heat_styles
from benchmark.report.ladder import COLOURS, Ladder, ladder
from benchmark.report.overview import orders
from benchmark.report.samples import Gallery, gallery
from benchmark.report.searches import Searches, searches
from benchmark.report.sweep import SweepChart, sweep_charts
from benchmark.report.table import SIGNS, Board, board
from benchmark.store import Kept, Record
from benchmark.store.record import STATES

TITLE = "gan-bench report"
NAMED = 10  # damaged files that a page names one by one


@dataclass(frozen=True)
class PageSection:
    """Everything that the page shows of one table."""

    anchor: str
    caption: str
    problem: str
    board: Board
    baseline: str | None
    differences: Sequence[tuple[str, ...]]
    charts: Sequence[Chart]
    gallery: Gallery | None
    cost: CostChart | None
    ends: Sequence[Ends]
    facts: TableFacts
    runs: int
    failed: int
    published: Sequence[str]  # where the papers' numbers are from
    searches: Searches | None
    ladder: Ladder | None
    sweeps: Sequence[SweepChart]


def page(records: Iterable[Record], kept: Kept, baseline: str = "ns", published: Sequence[Published] = ()) -> str:
    """Write the report of records as one HTML page, with their curves and samples."""
    material = gather(records, kept, baseline, published)
    style, script = f"{_asset('page.css')}\n{heat_styles()}", _asset("page.js")
    template = _environment().get_template("page.html")
    tables = [section.table for section in material.sections]
    ranked = rankings(tables)
    shown = {track: named([t for t in tables if t.track == track], COLOURS) for track in {t.track for t in tables}}
    sections = [_section(material, section, shown[section.table.track]) for section in material.sections]
    return template.render(
        title=TITLE,
        policy=policy(style, script),
        style=Markup(style),
        script=Markup(script),
        headlines=headlines(tables, ranked),
        agreements=agreement_matrix(tables),
        orders=orders(ranked),
        sections=sections,
        damaged=_damaged(kept),
        totals=_totals(tables),
        states=STATES,
        difference_note=NOTE,
        signs=SIGNS,
        full=material.full,
        data=_data(tables),
    )


def _damaged(kept: Kept) -> str:
    """Return a sentence that names the files beside the records that could not be read; empty if there are none."""
    found = [f"{file.path.relative_to(kept.root)} ({file.reason})" for file in kept.damaged]
    if not found:
        return ""
    more = [f"and {len(found) - NAMED} more"] if len(found) > NAMED else []
    return f"Damaged files next to the records: {readable('; '.join([*found[:NAMED], *more]), 4000)}."


def policy(style: str, script: str) -> str:
    """Return the content security policy: nothing is loaded, and only our own script and style are allowed."""
    own = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; img-src data:; {own}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (files("benchmark.report") / name).read_text(encoding="utf-8").strip()


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _section(material: Material, section: Section, shown: Sequence[str]) -> PageSection:
    table = section.table
    return PageSection(
        anchor=f"t{section.number}",
        caption=readable(table.caption, 400),
        problem=readable(table.problem),
        board=board(table, full=material.full),
        baseline=table.baseline,
        differences=difference_lines(table),
        charts=charts(material, section),
        gallery=gallery(material, section),
        cost=cost(table),
        ends=ends(table),
        facts=facts(section),
        runs=sum(row.runs for row in table.rows),
        failed=sum(row.runs - row.finished for row in table.rows),
        published=published_notes(table),
        searches=searches(material.kept, table),
        ladder=ladder(table, shown),
        sweeps=sweep_charts(table),
    )


def _totals(tables: Sequence[Table]) -> dict[str, int]:
    objectives = {row.label for table in tables for row in table.rows if not row.control}
    return {
        "problems": len({table.problem for table in tables}),
        "objectives": len(objectives),
        "runs": sum(row.runs for table in tables for row in table.rows),
        "failed": sum(row.runs - row.finished for table in tables for row in table.rows),
    }


def _data(tables: Sequence[Table]) -> Markup:
    """Write every seed of every cell as JSON that cannot end its element."""
    content = [
        {
            "caption": table.caption,
            "metrics": [column.metric for column in table.columns],
            "rows": [
                {
                    "label": row.label,
                    "control": row.control,
                    "states": {str(seed): state for seed, state in row.states.items()},
                    "values": [{str(seed): _short(value) for seed, value in cell.values.items()} for cell in row.cells],
                }
                for row in table.rows
            ],
        }
        for table in tables
    ]
    return Markup(_json({"schema": 1, "tables": content}))


def _json(content: Any) -> str:
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _short(value: float) -> float:
    """Keep seven digits; the records keep all."""
    return float(f"{value:.7g}")
