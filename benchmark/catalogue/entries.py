"""The entries of every kind, one row each, including installed plug-ins.

Each section imports only what it lists, so suites are listed without torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from objectives.foundation.loading import Kind, entry_point_names

Rows: TypeAlias = list[dict[str, str]]


def _objectives() -> Rows:
    from objectives.describe import catalogue, role_of
    from objectives.outside import OBJECTIVE

    known = [_sourced(name, source) | {"counts as": role_of(name)} for name, source in catalogue()]
    return [*known, *_plugged(OBJECTIVE, known, **{"counts as": "game"})]


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
    from benchmark.problems.outside import PROBLEM

    known = [
        {"name": name, "what": problem.summary + (" Not ranked." if problem.unranked else "")}
        for name, problem in ALL_PROBLEMS.items()
    ]
    return [*known, *_plugged(PROBLEM, known)]


def _networks() -> Rows:
    from benchmark.networks import NETWORKS
    from benchmark.networks.outside import NETWORK

    known = [
        {"name": name, "what": first_line(network), "samples": network.samples} for name, network in NETWORKS.items()
    ]
    return [*known, *_plugged(NETWORK, known)]


def _evaluators() -> Rows:
    from evaluators import EVALUATORS
    from evaluators.outside import EVALUATOR

    known = [
        {"name": name, "what": evaluator.summary, "metrics": str(len(evaluator.metrics))}
        for name, evaluator in EVALUATORS.items()
    ]
    return [*known, *_plugged(EVALUATOR, known)]


def _trackers() -> Rows:
    from benchmark.runner.trackers import TRACKER, TRACKERS

    known = [{"name": name, "what": first_line(tracker)} for name, tracker in TRACKERS.items()]
    return [*known, *_plugged(TRACKER, known)]


def _plugged(kind: Kind, known: Rows, **facts: str) -> Rows:
    """Return a row for each plug-in of a kind, under the headings of the known entries."""
    blank = dict.fromkeys(known[0], "")
    return [blank | {"name": name, "what": "an installed plug-in"} | facts for name in entry_point_names(kind)]


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
    "networks": _networks,
    "evaluators": _evaluators,
    "wrappers": _wrappers,
    "as-shipped": _as_shipped,
    "suites": _suites,
    "targets": _targets,
    "trackers": _trackers,
}


def first_line(thing: object) -> str:
    """Return the first line of a docstring, which says what a thing is."""
    return (thing.__doc__ or "").strip().split("\n")[0]
