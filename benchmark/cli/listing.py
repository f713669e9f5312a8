"""`gan-bench list`: what there is, a line each."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import fill
from typing import Annotated

import typer

from benchmark.cli.options import Json, require_name
from benchmark.cli.output import aligned, say, screen_width, write_json
from benchmark.names import resolve

Rows = list[dict[str, str]]


def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="Only these.", metavar="[objectives|problems|evaluators|wrappers|as-shipped|suites|targets]"
        ),
    ] = None,
    json: Json = None,
) -> None:
    """List objectives, problems, evaluators, wrappers, versions as shipped elsewhere, suites and papers' tables."""
    if kind is not None:
        require_name(kind)
        kind = resolve(kind, SECTIONS, "list")
    listed = {name: rows() for name, rows in SECTIONS.items() if kind in (None, name)}
    write_json(json, "list", {name.replace("-", "_"): rows for name, rows in listed.items()})
    lines = [line for name, rows in listed.items() for line in ("", _heading(name, rows), *_table(rows))]
    say("\n".join(lines[1:]))


def _heading(name: str, rows: Rows) -> str:
    """Return a section's name and how many there are; of objectives, how many of them are games of their own."""
    if name != "objectives":
        return f"{name} ({len(rows)})"
    from objectives.describe import counted

    kinds = ", ".join(f"{number} {kind}" for kind, number in counted().items())
    return fill(f"{name} ({len(rows)}): {kinds}", screen_width() or 1_000, subsequent_indent="  ")


def _table(rows: Rows) -> list[str]:
    """Lay the rows out under their headings; the second column, which says what a thing is, wraps."""
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    return aligned(cells, flexible=1, width=screen_width())


def _objectives() -> Rows:
    from objectives.describe import catalogue, role_of
    from objectives.foundation.loading import entry_point_names
    from objectives.outside import OBJECTIVE

    known = [_sourced(name, source) | {"counts as": role_of(name)} for name, source in catalogue()]
    foreign = {"what": "a plug-in installed here", "authors": "", "year": "", "arXiv": "", "counts as": "game"}
    return known + [{"name": name} | foreign for name in entry_point_names(OBJECTIVE)]


def _wrappers() -> Rows:
    from objectives import WRAPPERS
    from objectives.describe import source_of

    return [_sourced(name, source_of(cls)) for name, cls in WRAPPERS.items()]


def _sourced(name: str, source: object) -> dict[str, str]:
    from objectives.describe import Source

    assert isinstance(source, Source)
    link = source.link.removeprefix("arXiv:")
    return {
        "name": name,
        "what": source.title,
        "authors": source.authors,
        "year": str(source.year or ""),
        "arXiv": link,
    }


def _problems() -> Rows:
    from benchmark.problems import ALL_PROBLEMS

    return [
        {"name": name, "what": problem.summary + (" Not ranked." if problem.unranked else "")}
        for name, problem in ALL_PROBLEMS.items()
    ]


def _evaluators() -> Rows:
    from evaluators import EVALUATORS

    return [
        {"name": name, "what": evaluator.summary, "metrics": str(len(evaluator.metrics))}
        for name, evaluator in EVALUATORS.items()
    ]


def _as_shipped() -> Rows:
    from objectives import AS_SHIPPED

    return [
        {
            "name": name,
            "deviation": shipped.deviation,
            "instead of": shipped.instead_of,
            "breaks": ", ".join(shipped.breaks) or "nothing",
            "source": shipped.source,
        }
        for name, shipped in AS_SHIPPED.items()
    ]


def _suites() -> Rows:
    from benchmark.runner.suite import suite_names, suite_of

    suites = {name: suite_of(name) for name in suite_names()}
    return [
        {"name": name, "what": suite.title, "runs on": ", ".join(suite.problems), "seeds": suite.seeds}
        for name, suite in suites.items()
    ]


def _targets() -> Rows:
    from benchmark.reproduce.target import target_names, target_of

    targets = {name: target_of(name) for name in target_names()}
    return [{"name": name, "what": one.title, "paper": one.paper} for name, one in targets.items()]


SECTIONS: dict[str, Callable[[], Rows]] = {
    "objectives": _objectives,
    "problems": _problems,
    "evaluators": _evaluators,
    "wrappers": _wrappers,
    "as-shipped": _as_shipped,
    "suites": _suites,
    "targets": _targets,
}


def first_line(thing: object) -> str:
    """Return the first line of a docstring, which says what a thing is."""
    return (thing.__doc__ or "").strip().split("\n")[0]
