"""The pages of a problem, of an evaluator and of a metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from benchmark.cli.output import Page, aligned, paragraph, screen_width
from benchmark.leaderboard import plain
from benchmark.leaderboard.text import ARROWS
from benchmark.problems import PROBLEMS, Data, Given, Problem, any_problem
from benchmark.problems.describe import Choice, ModeFacts, ProblemDescription, describe
from benchmark.runner.paths import cache_directory
from benchmark.runner.pictures import portrait
from evaluators import EVALUATORS, METRICS, Evaluator, Metric
from evaluators import metric as metric_of

POINTS = 1_000  # drawn in a picture
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better", "none": "neither direction is better"}


def problem(name: str) -> Page:
    """Return the page of a problem."""
    known = any_problem(name)
    described = describe(known)
    data = known.load(cache_directory()) if isinstance(known.source, Given) else None
    width = screen_width()
    lines = [
        name,
        described.summary,
        *(["", *(f"  {line}".rstrip() for line in described.details.splitlines())] if described.details else []),
        "",
        *aligned(_facts(described), flexible=1, indent="", width=width),
        *_held(data),
        *_networks(described, width),
        *_choices(described, width),
        *_evaluators(described, width),
    ]
    facts = plain(described) | ({"images": _parts(data), "notes": list(data.notes)} if data else {})
    return Page("problem", facts, lines, lambda: drawn(known))


def drawn(problem: Problem) -> bytes:
    """Draw samples of a perfect generator."""
    data = problem.load(cache_directory())
    return portrait(problem.name, data.oracle(POINTS, torch.Generator().manual_seed(0)).numpy())


def _parts(data: Data) -> dict[str, int]:
    truth = data.truth
    parts = {"train": data.training, "validate": truth.validation, "are held out": truth.reference}
    return {name: len(images) for name, images in parts.items() if images is not None}


def _held(data: Data | None) -> list[str]:
    if data is None:
        return []
    return ["", ", ".join(f"{count:,} {part}" for part, count in _parts(data).items()), *data.notes]


def _facts(described: ProblemDescription) -> list[list[str]]:
    noise = described.noise
    drawn = f"uniform on ±{noise.bound:g}" if noise.kind == "uniform" else "standard normal"
    return [
        ["noise", f"{noise.dimension} numbers, {drawn}"],
        ["modes", _modes(described.modes)],
        ["budget", _budget(described)],
        ["training", _listed(described.training)],
        ["scales", _listed(described.scales) or "none: objectives use their own"],
        ["network", described.network],
        ["group", f"{_listed(described.group_size)} members per group"],
    ]


def _budget(described: ProblemDescription) -> str:
    whole, first = described.gradient_evaluations, described.first_evaluations
    return f"{whole:,} gradients of one player on one batch" + (
        f"; --budget quick is {first:,}" if first < whole else ""
    )


def _choices(described: ProblemDescription, width: int | None) -> list[str]:
    """List the architectures that --network accepts, if there is a choice."""
    if len(described.choices) < 2:
        return []
    roles = list(described.choices[0].parameters)
    rows = [["--network", "noise", *roles, "trained by"], *(_choice(choice, roles) for choice in described.choices)]
    return ["", "parameters of each architecture", *aligned(rows, flexible=len(rows[0]) - 1, width=width)]


def _choice(choice: Choice, roles: Iterable[str]) -> list[str]:
    counts = [f"{choice.parameters[role]:,}" for role in roles]
    return [choice.name, str(choice.noise.dimension), *counts, _listed(choice.training) or "the problem's settings"]


def _modes(modes: ModeFacts | None) -> str:
    if modes is None:
        return "not known"
    return f"{modes.count} Gaussians in {modes.dimension} dimensions, standard deviation {modes.std:g}"


def _networks(described: ProblemDescription, width: int | None) -> list[str]:
    rows = [["network", "parameters", "class", "weights"]]
    rows += [
        [network.role, f"{network.parameters:,}", network.name, ", ".join(network.shapes)]
        for network in described.networks
    ]
    return ["", "networks", *aligned(rows, flexible=3, width=width)]


def _evaluators(described: ProblemDescription, width: int | None) -> list[str]:
    rows = [["evaluator", "samples", "along the way", "what it measures"]]
    rows += [[one.name, f"{one.samples:,}", "yes" if one.watched else "", one.summary] for one in described.evaluators]
    headline = ", ".join(_arrowed(name) for name in described.headline)
    return ["", "evaluators", *aligned(rows, flexible=3, width=width), "", f"leaderboard: {headline}"]


def evaluator(name: str, known: Evaluator) -> Page:
    """Return the page of an evaluator: its metrics, and the problems that use it."""
    counts = {problem.name: problem.judging.evaluators.get(name) for problem in PROBLEMS.values()}
    used = {problem: count for problem, count in counts.items() if count is not None}
    width = screen_width()
    by = [f"{problem} ({count:,} samples)" for problem, count in used.items()]
    rows = [
        ["needs", _needs(known.needs)],
        ["used by", ", ".join(by) or "no problem by default"],
    ]
    lines = [name, known.summary, "", *aligned(rows, flexible=1, indent="", width=width)]
    if known.metrics:
        lines += ["", "metrics", *aligned(_metrics(known.metrics.items()), flexible=2, width=width)]
    facts: dict[str, Any] = {"name": name, "summary": known.summary, "needs": list(known.needs)}
    return Page("evaluator", facts | {"metrics": plain(known.metrics), "problems": used}, lines)


def _needs(needs: Iterable[str]) -> str:
    return ", ".join(f"the truth's {need.replace('_', ' ')}" for need in needs) or "samples and the held-out reference"


def _metrics(metrics: Iterable[tuple[str, Metric]]) -> list[list[str]]:
    return [
        ["name", "direction", "meaning"],
        *([name, DIRECTIONS[known.direction], known.summary] for name, known in metrics),
    ]


def metric(name: str) -> Page:
    """Return the page of a metric: how to read it, and the evaluator that computes it."""
    known = METRICS[name]
    owner = next(owner for owner, evaluator in EVALUATORS.items() if name in evaluator.metrics)
    lines = [name, *paragraph(f"{known.summary}; {DIRECTIONS[known.direction]}", indent="", width=screen_width())]
    facts = {"name": name, "evaluator": owner, "direction": known.direction, "summary": known.summary}
    return Page("metric", facts, [*lines, f"computed by the evaluator {owner}; see gan-bench show {owner}"])


def _arrowed(name: str) -> str:
    return f"{name} {ARROWS[metric_of(name).direction]}".strip()


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
