"""Score samples with a problem's evaluators, in the form of records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from evaluators.truth import Evaluator, Score

# Metrics that count what holds a quarter of its share, and where their protocol has the number there is.
QUARTERS = {"classes_quarter": "n_classes", "modes_quarter": "n_modes", "stacked_modes_quarter": "n_modes"}


@dataclass
class RunScores:
    """The scores of one run, the metrics that could not be computed, and the constants behind both."""

    scores: dict[str, RecordedScore] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    protocol: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    further: tuple[str, ...] = ()  # the metrics that the user added


def on_device(data: Data, device: str | torch.device) -> Data:
    """Return the data with their truth on the device where samples will be judged."""
    return dataclasses.replace(data, truth=data.truth.to(exact_device(torch.device(device))))


def judge(
    problem: Problem, data: Data, samples: Tensor, seed: int, counts: Mapping[str, int] | None = None
) -> RunScores:
    """Run every evaluator of the problem, or those counted, where the samples [N, *data] are, on its number of them.

    Which of them it gets does not depend on their order; evaluators that get as many get the same ones.
    """
    verdict, samples = RunScores(), by_content(samples)
    for name, count in (problem.judging.counts if counts is None else counts).items():
        chosen = draw(samples, count, streams.generator(seed, "samples to be judged"))
        part = judge_by(name, data, chosen, seed, problem.judging.further.get(name))
        verdict.scores |= part.scores
        verdict.absent |= part.absent
        verdict.protocol |= part.protocol
        if name in problem.judging.further:
            verdict.further += tuple(part.scores | part.absent)
    return verdict


def judge_by(name: str, data: Data, samples: Tensor, seed: int, chosen: Evaluator | None = None) -> RunScores:
    """Run one evaluator with its own random stream; the protocol is kept with each metric it explains."""
    evaluator = chosen or EVALUATORS[name]
    evaluation = evaluator.run(samples, data.truth, streams.generator(seed, f"evaluator {name}"))
    beyond = {given for given, score in evaluation.scores.items() if max(map(abs, _numbers(score))) > LARGEST}
    scores = {
        given: RecordedScore(
            value=score.value, standard_error=score.standard_error, direction=direction_of(evaluator, given)
        )
        for given, score in evaluation.scores.items()
        if given not in beyond
    }
    absent = dict(evaluation.absent) | dict.fromkeys(beyond, f"larger than {LARGEST:g}")
    return RunScores(scores, absent, {given: dict(evaluation.protocol) for given in scores})


def add_label_accuracy(verdict: RunScores, data: Data, samples: Tensor, labels: Tensor) -> None:
    """Score the share of samples [N, *data] of the class [N] they were generated for."""
    name = named("label_accuracy", data.truth.extractor)
    verdict.absent.pop(name, None)
    verdict.further += () if name in verdict.further else (name,)
    try:
        score = label_accuracy(samples, labels, data.truth)
    except InvalidSamples as error:
        verdict.absent[name] = str(error)
    else:
        verdict.scores[name] = RecordedScore(score.value, score.standard_error, metric(name).direction)
        verdict.protocol[name] = {"n_samples": len(samples)}


def missing_modes(verdict: RunScores) -> str | None:
    """Return how many modes or classes have less than a quarter of their share, or None if there are none."""
    for name, score in verdict.scores.items():
        family = name.split("-", 1)[0]
        if family in QUARTERS:
            total = int(verdict.protocol[name][QUARTERS[family]])
            missing = total - round(score.value)
            if missing > 0:
                kind = "classes" if family == "classes_quarter" else "modes"
                return f"{missing} of {total} {kind} hold less than a quarter of their share ({name})"
    return None


def _numbers(score: Score) -> list[float]:
    return [score.value, score.standard_error or 0.0]


def samples_needed(problem: Problem) -> int:
    """Return the largest number of samples that an evaluator of the problem needs."""
    return max(problem.judging.counts.values())
