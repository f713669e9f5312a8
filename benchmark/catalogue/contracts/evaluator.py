"""What an evaluator must keep: the laws of every evaluator of the table, and the process as it was."""

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
    """Return what the laws find: on the truth of a problem in the plane first, then on truths made for them."""
    data = PROBLEMS[PROBLEM].load(cache)
    own = attempt("process", "the process stays as it is", partial(_process, evaluator, data))
    return [own, *(LawResult(**dataclasses.asdict(found)) for found in laws.check(evaluator))]


def _process(evaluator: Evaluator, data: Data) -> Seen:
    samples = data.oracle(SAMPLES, torch.Generator().manual_seed(1))
    with left_alone("It", draws=True):
        found = evaluator.run(samples, data.truth, torch.Generator().manual_seed(0))
    seen = [f"{name} {score.value:g}" for name, score in found.scores.items()]
    seen += [f"{name}: {why}" for name, why in found.absent.items()]
    return ", ".join(seen) or "no number and no reason", bool(seen)
