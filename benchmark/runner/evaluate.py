"""Judge samples by a problem's evaluators, in the form that records hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from benchmark.engine import streams
from benchmark.problems import Data, Problem
from benchmark.store import Score
from evaluators import EVALUATORS, metric


@dataclass
class Verdict:
    """The scores of one run, the metrics that could not be computed, and the constants behind both."""

    scores: dict[str, Score] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    protocol: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def judge(problem: Problem, data: Data, samples: Tensor, seed: int) -> Verdict:
    """Run every evaluator of the problem on its own number of samples [N, *data], with its own random stream."""
    verdict = Verdict()
    for name, count in problem.evaluators.items():
        generator = streams.generator(seed, f"evaluator {name}")
        evaluation = EVALUATORS[name].run(samples[:count], data.truth, generator)
        for metric_name, score in evaluation.scores.items():
            direction = metric(metric_name).direction
            verdict.scores[metric_name] = Score(
                value=score.value, standard_error=score.standard_error, direction=direction
            )
            verdict.protocol[metric_name] = dict(evaluation.protocol)
        verdict.absent |= evaluation.absent
    return verdict


def samples_needed(problem: Problem) -> int:
    """Give the largest number of samples that an evaluator of the problem asks for."""
    return max(problem.evaluators.values())
