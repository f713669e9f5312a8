"""Score samples with a problem's evaluators, in the form of records."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmark.engine import streams
from benchmark.problems import Data, Problem
from benchmark.store import LARGEST, RecordedScore
from evaluators import EVALUATORS, InvalidSamples, label_accuracy, metric
from evaluators.checks import exact_device
from evaluators.guard import named
from evaluators.outside import direction_of
from evaluators.subsets import by_content, draw
from evaluators.truth import Direction, Evaluation, Evaluator

# Metrics that count the modes or classes with at least a quarter of their share of the samples, and the constant of
# their protocol that holds the number of all modes or classes.
MODE_COUNTS = {"classes_quarter": "n_classes", "modes_quarter": "n_modes", "stacked_modes_quarter": "n_modes"}


@dataclass
class RunScores:
    """The scores of one run, the metrics that could not be computed, and the constants behind both."""

    scores: dict[str, RecordedScore] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    protocol: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    further: tuple[str, ...] = ()  # the metrics that the user added

    @classmethod
    def of(cls, evaluation: Evaluation, direction_of: Callable[[str], Direction]) -> RunScores:
        """Return the scores of one evaluation; those too large for a record are absent."""
        too_large = {
            name
            for name, score in evaluation.scores.items()
            if max(abs(score.value), abs(score.standard_error or 0.0)) > LARGEST
        }
        scores = {
            name: RecordedScore(score.value, score.standard_error, direction_of(name))
            for name, score in evaluation.scores.items()
            if name not in too_large
        }
        absent = dict(evaluation.absent) | dict.fromkeys(too_large, f"larger than {LARGEST:g}")
        return cls(scores, absent, {name: dict(evaluation.protocol) for name in scores})

    def add(self, other: RunScores) -> None:
        """Add the scores of another evaluation of the same samples."""
        self.scores |= other.scores
        self.absent |= other.absent
        self.protocol |= other.protocol
        self.further += other.further


def on_device(data: Data, device: str | torch.device) -> Data:
    """Return the data with their truth on the device where samples are evaluated."""
    return dataclasses.replace(data, truth=data.truth.to(exact_device(torch.device(device))))


def evaluate_samples(
    problem: Problem, data: Data, samples: Tensor, seed: int, counts: Mapping[str, int] | None = None
) -> RunScores:
    """Run a problem's evaluators on samples [N, *data], on the device of the samples.

    `counts` are the evaluators to run and the number of samples of each; by default they are the problem's. The
    samples that an evaluator gets do not depend on their order, and evaluators with equal counts get the same ones.
    """
    found, samples = RunScores(), by_content(samples)
    for name, count in (problem.judging.counts if counts is None else counts).items():
        chosen = draw(samples, count, streams.generator(seed, "samples to be judged"))
        part = run_evaluator(name, data, chosen, seed, problem.judging.further.get(name))
        if name in problem.judging.further:
            part.further = tuple(part.scores | part.absent)
        found.add(part)
    return found


def run_evaluator(name: str, data: Data, samples: Tensor, seed: int, given: Evaluator | None = None) -> RunScores:
    """Run one evaluator, by name or as given, with its own random stream."""
    evaluator = given or EVALUATORS[name]
    evaluation = evaluator.run(samples, data.truth, streams.generator(seed, f"evaluator {name}"))
    return RunScores.of(evaluation, partial(direction_of, evaluator))


def add_label_accuracy(found: RunScores, data: Data, samples: Tensor, labels: Tensor) -> None:
    """Score the share of samples [N, *data] of the class [N] they were generated for."""
    name = named("label_accuracy", data.truth.extractor)
    found.absent.pop(name, None)
    found.further += () if name in found.further else (name,)
    try:
        score = label_accuracy(samples, labels, data.truth)
    except InvalidSamples as error:
        found.absent[name] = str(error)
    else:
        found.scores[name] = RecordedScore(score.value, score.standard_error, metric(name).direction)
        found.protocol[name] = {"n_samples": len(samples)}


def missing_modes(found: RunScores) -> str | None:
    """Return how many modes or classes have less than a quarter of their share, or None if there are none."""
    for name, score in found.scores.items():
        family = name.split("-", 1)[0]
        if family in MODE_COUNTS:
            total = int(found.protocol[name][MODE_COUNTS[family]])
            missing = total - round(score.value)
            if missing > 0:
                kind = "classes" if family == "classes_quarter" else "modes"
                return f"{missing} of {total} {kind} hold less than a quarter of their share ({name})"
    return None


def samples_needed(problem: Problem) -> int:
    """Return the largest number of samples that an evaluator of the problem needs."""
    return max(problem.judging.counts.values())
