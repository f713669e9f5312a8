"""The page of metrics: each evaluator's equations and flaws from its own docstring, and what the controls score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from controls_measured import CONTROLS, Measured, of_evaluator
from markup import code, joined, linked, prose, table

from benchmark.problems import PROBLEMS
from evaluators import EVALUATORS, Metric, likelihood

BETTER = {"higher": "higher", "lower": "lower", "none": "neither way"}


def metrics_page() -> str:
    """Write a section for each evaluator."""
    return joined([*(block for name in EVALUATORS for block in _section(name)), *_likelihood()])


def _likelihood() -> list[str]:
    """Return the section on the likelihood, which needs a generator instead of samples."""
    asked = "It needs a kept generator: see [keep the generators](../how-to/generators.md)."
    return ["## likelihood", prose(likelihood.__doc__ or ""), asked, _table(likelihood.METRICS, [])]


def _section(name: str) -> list[str]:
    evaluator = EVALUATORS[name]
    measured = of_evaluator(name)
    needs = ", ".join(need.replace("_", " ") for need in evaluator.needs)
    used = ", ".join(code(problem.name) for problem in PROBLEMS.values() if name in problem.judging.evaluators)
    needed = f"It needs of the truth: {needs}." if needs else "It needs samples and reference alone."
    return [
        f"## {name}",
        prose(import_module(f"evaluators.{name}").__doc__ or ""),
        f"{needed} Used by {used or 'no problem by default'}.",
        _table(evaluator.metrics, measured),
    ]


def _table(metrics: Mapping[str, Metric], measured: Sequence[Measured]) -> str:
    places = {one.on for one in measured}
    shown = {one.metric.split("-", 1)[0]: one for one in measured}
    rows = [_row(name, metric, shown.get(name)) for name, metric in metrics.items()]
    if not measured:
        return table(("metric", "better", "meaning"), [row[:3] for row in rows])
    heads = ("metric", "better", "meaning", *map(code, CONTROLS))
    return joined([table(heads, rows), f"The controls on {'; '.join(sorted(places))}, one seed."])


def _row(name: str, metric: Metric, measured: Measured | None) -> tuple[str, ...]:
    texts = [measured.texts.get(control, "absent") if measured else "–" for control in CONTROLS]
    return (code(name), BETTER[metric.direction], linked(metric.summary), *texts)
