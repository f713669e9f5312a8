"""Scores of controls: a perfect sampler, a Gaussian mixture and an untrained generator, the range of other rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from torch import Tensor

from benchmark.leaderboard.text import number
from benchmark.problems import PROBLEMS, Data
from benchmark.runner.controls import control_samples
from benchmark.runner.evaluate import run_evaluator, samples_needed
from benchmark.runner.paths import cache_directory
from evaluators import EVALUATORS

SEED = 0
CONTROLS = ("oracle", "gmm", "untrained")
# Problems that need no files.
HERE = ("digits", "gaussian1d", "grid", "grid-unbalanced", "high-dim", "polygons", "ring", "ring-wide", "spiral")
SAMPLES = 1_000  # where the problem itself does not use an evaluator
SHOWN_ON = ("digits", "ring", "polygons")  # where evaluators are shown, the first that has what they need


@dataclass(frozen=True)
class Measured:
    """What one metric gave for each control, as text."""

    metric: str
    on: str  # the problem, and the number of samples
    texts: Mapping[str, str]  # by control


def of_problem(name: str) -> list[Measured]:
    """Measure the controls by all evaluators of a problem; nothing where its data are files."""
    if name not in HERE:
        return []
    counts = PROBLEMS[name].judging.evaluators
    return [one for evaluator, count in counts.items() for one in _measured(name, evaluator, count)]


def of_evaluator(name: str) -> Sequence[Measured]:
    """Return the controls' scores by one evaluator on a problem to which it applies; empty if there is none."""
    for shown in SHOWN_ON:
        truth = _data(shown).truth
        if all(getattr(truth, need) is not None for need in EVALUATORS[name].needs):
            return _measured(shown, name, PROBLEMS[shown].judging.evaluators.get(name, SAMPLES))
    return []


@cache
def _data(problem: str) -> Data:
    return PROBLEMS[problem].load(cache_directory())


@cache
def _samples(problem: str, control: str) -> Tensor:
    known = PROBLEMS[problem]
    return control_samples(control, known, _data(problem), SEED, max(samples_needed(known), SAMPLES))


@cache
def _measured(problem: str, evaluator: str, count: int) -> Sequence[Measured]:
    texts: dict[str, dict[str, str]] = {}
    for control in CONTROLS:
        judged = run_evaluator(evaluator, _data(problem), _samples(problem, control)[:count], SEED)
        for metric, score in judged.scores.items():
            texts.setdefault(metric, {})[control] = number(score.value)
    return [Measured(metric, f"{problem}, {count:,} samples", found) for metric, found in texts.items()]
