"""A reference set as a problem: what scores samples against it, where no problem of the catalogue is meant."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.problems.base import Problem
from benchmark.problems.data import Data
from benchmark.problems.inception import load_network
from benchmark.problems.judging import Judging
from benchmark.problems.sample_set import Arrange, SampleSet
from benchmark.problems.samples import problem_of_data
from evaluators import EVALUATORS, pixels_extractor
from evaluators.guard import INCEPTION, named
from evaluators.truth import Extractor, Truth
from objectives.foundation.names import quote

SMALL = 3_072  # values of an image that is compared by its pixels: 32x32 in colours
COUNT = 10_000  # samples that are judged, and as many of the reference
CLASSES = ("inception", "labels")  # evaluators that ask the features' classifier
ON_FEATURES = ("frechet", "inception", "kernel", "labels", "manifold", "mind", "prd", "vendi")
ON_REQUEST = ("mind", "prd", "vendi")  # evaluators that run only where they are named
SEED = 1998  # of the part of a larger reference


class Reference(NamedTuple):
    """The problem of a reference, and what its samples go through: features, where images are too large to be kept."""

    problem: Problem
    through: Arrange | None
    able: tuple[str, ...]  # the evaluators that apply


def reference_problem(given: SampleSet, features: str | None, weights: Path | None, count: int = COUNT) -> Reference:
    """Return the problem of samples of a reference, judged on features: pixels, pixels8 (block means) or inception."""
    rows = given.order[torch.randperm(len(given), generator=torch.Generator().manual_seed(SEED))[:count]]
    extractor, through = _features(features, weights, given)
    reference = given.take(rows, through)
    if through is not None:
        extractor = _as_taken(extractor, reference[:1], given.take(rows[:1]))
    truth = Truth(reference=reference, extractor=extractor)
    able = ON_FEATURES if through is not None else tuple(EVALUATORS)
    able = tuple(name for name in able if all(getattr(truth, need) is not None for need in EVALUATORS[name].needs))
    able = tuple(name for name in able if name != "stacked" and (extractor.probabilities or name not in CLASSES))
    problem = problem_of_data(Data(reference, truth), given.stored.name)
    evaluators = dict.fromkeys((name for name in able if name not in ON_REQUEST), count)
    judging = Judging(evaluators, (named("fd", extractor),), extractor=lambda data, cache: extractor)
    about = f"{len(reference):,} samples of {given.stored.name}, on the features {extractor.name}."
    return Reference(dataclasses.replace(problem, judging=judging, controls=(), about=about), through, able)


def _features(name: str | None, weights: Path | None, given: SampleSet) -> tuple[Extractor, Arrange | None]:
    """Return the extractor of a name, and what samples go through where they are too large to be kept themselves."""
    if name is None:
        size = math.prod(given.shape)
        if size > SMALL:
            raise UserError(
                f"Samples of {size:,} values are too large to be compared by their pixels; choose --features inception "
                "(with --inception-weights) or pixels8, the means of 8x8 blocks."
            )
        name = "pixels"
    if name == "pixels":
        return pixels_extractor(), None
    if len(given.shape) != 3:
        raise UserError(f"The features {quote(name)} are of images; points are compared with --features pixels.")
    if name == INCEPTION:
        if weights is None:
            raise UserError("The features of Inception need their weights: --inception-weights FILE.")
        network = load_network(weights)
        assert network.probabilities is not None
        features, probabilities = network.features, network.probabilities
        return network, lambda images: torch.cat([features(images), probabilities(images)], 1).float()
    blocks = re.fullmatch(r"pixels([1-9]\d{0,2})", name)
    if blocks is None:
        raise UserError(f"Unknown features {quote(name)}. Known: inception, pixels, pixels8 (means of 8x8 blocks).")
    side = int(blocks[1])
    if any(length % side for length in given.shape[1:]):
        raise UserError(f"Images of {'x'.join(map(str, given.shape))} have no {side}x{side} equal blocks.")
    averages = pixels_extractor(side)
    return averages, lambda images: averages.features(images).float()


def _as_taken(extractor: Extractor, taken: Tensor, image: Tensor) -> Extractor:
    """Return the extractor of what samples went through: their features [N, d], and their classes behind them."""
    size = extractor.features(image).shape[1]
    classes = None if taken.shape[1] == size else (lambda rows: rows[:, size:].double())
    return Extractor(extractor.name, extractor.fingerprint, lambda rows: rows[:, :size].double(), classes)
