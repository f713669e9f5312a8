"""What an evaluator must keep: it returns numbers, it is pure, it repeats, and a set has no order."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from benchmark.catalogue.contracts.attempt import Seen, attempt
from benchmark.problems import PROBLEMS, Data
from evaluators.outside import direction_of
from evaluators.truth import Evaluator, Truth
from objectives.foundation.process import left_alone
from objectives.laws.result import LawResult

SAMPLES, SEEDS = 600, 6
PROBLEM = "ring"  # whose truth knows its modes, its density and its sampler


def check_evaluator(evaluator: Evaluator, cache: Path) -> list[LawResult]:
    """Return the laws of an evaluator, on the truth of a problem in the plane."""
    data = PROBLEMS[PROBLEM].load(cache)
    samples = data.oracle(SAMPLES, torch.Generator().manual_seed(1))
    return [
        attempt("numbers", "a number for each metric, or a reason", partial(_numbers, evaluator, samples, data)),
        attempt("pure", "samples, truth and process stay as they are", partial(_pure, evaluator, samples, data)),
        attempt("repeats", "one seed gives the same numbers twice", partial(_repeats, evaluator, samples, data)),
        attempt("order", "the order of the samples changes nothing", partial(_order, evaluator, samples, data)),
        attempt("direction", "exact samples are better than noise", partial(_direction, evaluator, samples, data)),
    ]


def _scores(evaluator: Evaluator, samples: Tensor, truth: Truth, seed: int = 0) -> Mapping[str, float]:
    found = evaluator.run(samples, truth, torch.Generator().manual_seed(seed))
    return {name: score.value for name, score in found.scores.items()}


def _numbers(evaluator: Evaluator, samples: Tensor, data: Data) -> Seen:
    found = evaluator.run(samples, data.truth, torch.Generator().manual_seed(0))
    seen = [f"{name} {score.value:g}" for name, score in found.scores.items()]
    seen += [f"{name}: {why}" for name, why in found.absent.items()]
    return ", ".join(seen) or "nothing", bool(found.scores) or None if seen else False


def _pure(evaluator: Evaluator, samples: Tensor, data: Data) -> Seen:
    given, reference = samples.clone(), data.truth.reference.clone()
    with left_alone("It", draws=True):
        _scores(evaluator, given, data.truth)
    kept = torch.equal(given, samples) and torch.equal(reference, data.truth.reference)
    return ("they do", True) if kept else ("the samples or the reference are changed", False)


def _repeats(evaluator: Evaluator, samples: Tensor, data: Data) -> Seen:
    first, second = (_scores(evaluator, samples, data.truth) for _ in range(2))
    differing = sorted(name for name in first if first[name] != second.get(name))
    return (f"{', '.join(differing)} differ", False) if differing else ("the same", True)


def _order(evaluator: Evaluator, samples: Tensor, data: Data) -> Seen:
    """Hold the scores in another order against the spread over seeds, which choose subsets where there are any."""
    shuffled = samples[torch.randperm(len(samples), generator=torch.Generator().manual_seed(2))]
    sorted_ = samples[samples.flatten(1)[:, 0].argsort()]
    over_seeds = [_scores(evaluator, samples, data.truth, seed) for seed in range(SEEDS)]
    for order in (shuffled, sorted_):
        for name, value in _scores(evaluator, order, data.truth).items():
            usual = [scores[name] for scores in over_seeds if name in scores]
            width = 4.0 * statistics.pstdev(usual) + 1e-6 * (1.0 + abs(usual[0]))
            if abs(value - usual[0]) > width:
                return f"{name} is {usual[0]:g}, and {value:g} in another order", False
    return "it does not", True


def _direction(evaluator: Evaluator, samples: Tensor, data: Data) -> Seen:
    exact = _scores(evaluator, samples, data.truth)
    noise = torch.randn(samples.shape, generator=torch.Generator().manual_seed(3))
    poor = _scores(evaluator, noise, data.truth)
    wrong, said = [], 0
    for name in exact.keys() & poor.keys():
        direction = direction_of(evaluator, name)
        said += direction != "none"
        better = exact[name] < poor[name] if direction == "lower" else exact[name] > poor[name]
        wrong += [] if better or direction == "none" else [f"{name} {exact[name]:g} against {poor[name]:g}"]
    if wrong:
        return ", ".join(sorted(wrong)), False
    return ("they are", True) if said else ("no metric says which way is better", None)
