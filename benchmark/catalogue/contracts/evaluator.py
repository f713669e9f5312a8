"""The contract of evaluators: the laws of every built-in evaluator, and unchanged process state."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import torch

from benchmark.catalogue.contracts.attempt import Seen, attempt
from benchmark.problems import PROBLEMS, Data
from evaluators import laws
from evaluators.truth import Evaluator
from objectives.foundation.process import left_alone
from objectives.laws.result import LawResult

SAMPLES = 600
PROBLEM = "ring"  # whose truth knows its modes, its density and its sampler


def check_evaluator(evaluator: Evaluator, cache: Path) -> list[LawResult]:
    """Return the results of the laws: first on the truth of a 2-D problem, then on truths made for the laws."""
    data = PROBLEMS[PROBLEM].load(cache)
    own = attempt("process", "process state is unchanged", partial(_process, evaluator, data))
    return [own, *(LawResult(**dataclasses.asdict(found)) for found in laws.check(evaluator))]


def _process(evaluator: Evaluator, data: Data) -> Seen:
    samples = data.oracle(SAMPLES, torch.Generator().manual_seed(1))
    with left_alone("It", draws=True):
        found = evaluator.run(samples, data.truth, torch.Generator().manual_seed(0))
    seen = [f"{name} {score.value:g}" for name, score in found.scores.items()]
    seen += [f"{name}: {why}" for name, why in found.absent.items()]
    return ", ".join(seen) or "neither a number nor a reason", bool(seen)
