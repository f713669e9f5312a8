"""A page for each problem: data, networks, budget, evaluators, and what the controls score on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from controls_measured import CONTROLS, HERE, Measured, of_problem
from markup import code, escaped, facts, joined, linked, prose, table

from benchmark.leaderboard.text import ARROWS
from benchmark.problems import ALL_PROBLEMS, PROBLEMS, Problem
from benchmark.problems.describe import Choice, Evaluation, ModeFacts, Network, ProblemDescription, describe
from benchmark.problems.files import FILE_SETS
from benchmark.runner.paths import cache_directory
from benchmark.runner.pictures import portrait
from evaluators import metric as metric_of

POINTS = 1_000  # drawn in a picture


def portrait_of(name: str) -> bytes | None:
    """Draw samples of a perfect generator; None if the problem needs data files."""
    if name not in HERE:
        return None
    problem = PROBLEMS[name]
    data = problem.load(cache_directory())
    return portrait(name, data.oracle(POINTS, torch.Generator().manual_seed(0)).numpy())


def problem_page(name: str) -> str:
    """Return the page of a problem."""
    problem = ALL_PROBLEMS[name]
    described = describe(problem)
    return joined(
        [
            f"# {name}",
            f"**{linked(described.summary)}**",
            prose(described.details),
            _picture(name),
            facts(_facts(problem, described)),
            "## Networks",
            _networks(described.networks),
            *_choices(described),
            *_evaluators(described),
            *_controls(of_problem(name)),
        ]
    )


def problems_table() -> str:
    """List the problems, a page each."""
    rows = []
    for name, problem in sorted(ALL_PROBLEMS.items()):
        page = f"[{name}](../generated/problems/{name}.md)"
        data = "files" if name in FILE_SETS or name == "stacked-mnist" else "none"
        columns = _metrics(problem.judging.headline) or "none"
        rows.append((page, linked(problem.summary), data, columns))
    return table(("name", "what", "to fetch", "leaderboard's columns"), rows) + "\n"


def _picture(name: str) -> str:
    if name not in HERE:
        return ""
    alternative = f"Samples of a perfect generator of {name}."
    kind = "sheet" if PROBLEMS[name].source.image else "plot"  # plots are turned over in the dark
    return f"```{{image}} ../pictures/problem-{name}.png\n:alt: {alternative}\n:class: {kind}\n:width: 280px\n```"


def _facts(problem: Problem, described: ProblemDescription) -> list[tuple[str, str]]:
    noise = described.noise
    drawn = f"uniform on ±{noise.bound:g}" if noise.kind == "uniform" else "standard normal"
    return [
        ("budget", f"{described.gradient_evaluations:,} gradients of one player on one batch"),
        ("noise", f"{noise.dimension} numbers, {drawn}"),
        ("known modes", _modes(described.modes)),
        ("training", _listed(described.training)),
        ("scales", _listed(described.scales) or "none: objectives keep their own"),
        ("leaderboard's columns", _metrics(described.headline) or "none"),
        ("controls", ", ".join(code(control) for control in problem.controls)),
    ]


def _modes(modes: ModeFacts | None) -> str:
    if modes is None:
        return "none"
    return f"{modes.count} Gaussians in {modes.dimension} dimensions, standard deviation {modes.std:g}"


def _networks(networks: Iterable[Network]) -> str:
    rows = [(one.role, f"{one.parameters:,}", code(one.name), escaped(", ".join(one.shapes))) for one in networks]
    return table(("network", "parameters", "class", "weights"), rows)


def _choices(described: ProblemDescription) -> list[str]:
    if len(described.choices) < 2:
        return []
    roles = list(described.choices[0].parameters)
    rows = [_choice(choice, roles) for choice in described.choices]
    return ["Parameters of every pair that `--network` takes:", table(("pair", "noise", *roles, "trained by"), rows)]


def _choice(choice: Choice, roles: Sequence[str]) -> tuple[str, ...]:
    counts = [f"{choice.parameters[role]:,}" for role in roles]
    return (
        code(choice.name),
        str(choice.noise.dimension),
        *counts,
        _listed(choice.training) or "the problem's settings",
    )


def _evaluators(described: ProblemDescription) -> list[str]:
    if not described.evaluators:
        return []
    return [
        "## Evaluators",
        table(("evaluator", "samples", "along the way", "what"), map(_evaluator, described.evaluators)),
    ]


def _evaluator(one: Evaluation) -> tuple[str, ...]:
    page = f"[{one.name}](../../protocols/metrics.md#{one.name})"
    return (page, f"{one.samples:,}", "yes" if one.watched else "", linked(one.summary))


def _controls(measured: Sequence[Measured]) -> list[str]:
    if not measured:
        return []
    rows = [(_arrowed(one.metric), *(one.texts.get(control, "absent") for control in CONTROLS)) for one in measured]
    text = "One seed each, measured when these pages were built; every leaderboard has them with their intervals."
    return ["## What the controls score", text, table(("metric", *map(code, CONTROLS)), rows)]


def _arrowed(metric: str) -> str:
    return f"{code(metric)} {ARROWS[metric_of(metric).direction]}".strip()


def _metrics(names: Iterable[str]) -> str:
    return ", ".join(_arrowed(name) for name in names)


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{code(name)} {escaped(str(value))}" for name, value in values.items())
