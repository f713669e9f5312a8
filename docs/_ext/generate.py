"""The extension that writes all pages that can be generated from the program.

Pages are written to `generated/`, which git ignores. Unchanged files are not rewritten, and pages that are no longer
generated are removed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from command_page import commands_page
from controls_measured import HERE
from docstrings import as_rst
from ends_page import ends_part
from first_screen import front_part
from metric_page import metrics_page
from objective_pages import laws_table, objective_page, objectives_table, picture_of, wrappers_page
from problem_pages import portrait_of, problem_page, problems_table
from python_page import evaluators_rst
from report_picture import ReportPicture
from results_page import results_page
from screenshots import lacking, photograph, report_of
from shipped_page import shipped_page
from sphinx.application import Sphinx
from suite_page import suites_table, targets_page
from training_page import training_part

from benchmark.problems import ALL_PROBLEMS
from objectives import OBJECTIVES

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "results"
SHIPPED = RESULTS / "as-shipped"

Content = str | bytes | Callable[[], bytes]  # a function is asked only where the file is not there: its name tells

# Included by pages that an author wrote around them.
PARTS: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "ends.md": ends_part,
    "evaluators.rst": evaluators_rst,
    "front.md": front_part,
    "laws.md": laws_table,
    "metrics.md": metrics_page,
    "objectives.md": objectives_table,
    "problems.md": problems_table,
    "results.md": lambda: results_page(RESULTS),
    "shipped.md": lambda: shipped_page(SHIPPED),
    "suites.md": suites_table,
    "targets.md": targets_page,
    "training.md": training_part,
    "wrappers.md": wrappers_page,
}


def pages() -> Iterator[tuple[str, Content]]:
    """Return every generated file: its place below `generated/`, and its content."""
    for name, write in PARTS.items():
        yield f"parts/{name}", write()
    for name in OBJECTIVES:
        picture = picture_of(name)
        if picture is not None:
            yield f"pictures/{picture.name}", picture.draw
        yield f"objectives/{name}.md", objective_page(name, picture)
    for name in ALL_PROBLEMS:
        yield f"problems/{name}.md", problem_page(name)
    for name in HERE:
        drawn = portrait_of(name)
        assert drawn is not None
        yield f"pictures/problem-{name}.png", drawn


def write_pages(app: Sphinx) -> None:
    """Write changed pages, and remove those no longer generated."""
    folder = Path(app.srcdir) / "generated"
    kept = set()
    for name, content in pages():
        path = folder / name
        kept.add(path)
        if callable(content):
            if path.is_file():
                continue
            content = content()
        data = content.encode() if isinstance(content, str) else content
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for kind in ("parts", "objectives", "problems", "pictures"):
        for stale in set((folder / kind).iterdir()) - kept:
            if not stale.name.startswith("report-"):
                stale.unlink()


def take_pictures(app: Sphinx) -> None:
    """Write a small report and take screenshots of it; without a browser, report that they are missing."""
    folder = Path(app.srcdir) / "generated"
    if missing := lacking():
        for old in (folder / "pictures").glob("report-*.png"):
            old.unlink()
        sys.stderr.write(f"There is no {missing}: the pages go without pictures of the report.\n")  # also if quiet
        return
    report_of(folder / "records", folder / "report.html")
    photograph(folder / "report.html", folder / "pictures")


def to_rst(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Turn a docstring of plain text into what Sphinx reads, before napoleon sees it."""
    lines[:] = as_rst("\n".join(lines)).split("\n")


def no_arguments(app: Sphinx, what: str, name: str, obj: Any, options: Any, *signature: str) -> tuple[str, None] | None:
    """Omit the arguments of a protocol's constructor, which is never called."""
    return ("", None) if what == "class" and Protocol in obj.__bases__ else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect everything."""
    app.connect("builder-inited", write_pages)
    app.connect("builder-inited", take_pictures)
    app.connect("autodoc-process-docstring", to_rst, priority=400)
    app.connect("autodoc-process-signature", no_arguments)
    app.add_directive("report-picture", ReportPicture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
