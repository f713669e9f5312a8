"""A reference set as a problem, to score samples against it instead of a built-in problem."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.problems.base import Problem
from benchmark.problems.data import Data
from benchmark.problems.judging import Judging
from benchmark.problems.network_features import NetworkFile, load_network
from benchmark.problems.sample_set import Arrange, SampleSet
from benchmark.problems.samples import problem_of_data
from evaluators import EVALUATORS, pixels_extractor
from evaluators.features import NETWORKS
from evaluators.guard import CLIP, named
from evaluators.truth import Extractor, Truth
from objectives.foundation.names import quote, unknown_name

SMALL = 3_072  # values of an image that is compared by its pixels: 32x32 in colours
COUNT = 10_000  # samples that are judged, and as many of the reference
CLASSES = ("inception", "labels")  # evaluators that ask the features' classifier
ON_FEATURES = ("frechet", "inception", "kernel", "labels", "manifold", "cmmd", "mind", "prd", "vendi")
ON_REQUEST = ("cmmd", "mind", "prd", "vendi")  # evaluators that run only where they are named
SEED = 1998  # of the part of a larger reference


class Reference(NamedTuple):
    """The problem of a reference, and what its samples go through: features, where images are too large to be kept."""

    problem: Problem
    through: Arrange | None
    able: tuple[str, ...]  # the evaluators that apply


def reference_problem(
    given: SampleSet, features: str | None, network: NetworkFile | None, count: int = COUNT
) -> Reference:
    """Return the problem of samples of a reference, on features: pixels, pixels8 (block means) or a network's."""
    rows = given.order[torch.randperm(len(given), generator=torch.Generator().manual_seed(SEED))[:count]]
    extractor, through = _features(features, network, given)
    reference = given.take(rows, through)
    if through is not None:
        extractor = _as_taken(extractor, reference[:1], given.take(rows[:1]))
    truth = Truth(reference=reference, extractor=extractor)
    able = ON_FEATURES if through is not None else tuple(EVALUATORS)
    able = tuple(name for name in able if all(getattr(truth, need) is not None for need in EVALUATORS[name].needs))
    able = tuple(name for name in able if name != "stacked" and (extractor.probabilities or name not in CLASSES))
    problem = problem_of_data(Data(reference, truth), given.stored.name)
    asked = {*ON_REQUEST} - ({"cmmd"} if extractor.name == CLIP else set())
    evaluators = dict.fromkeys((name for name in able if name not in asked), count)
    judging = Judging(evaluators, (named("fd", extractor),), extractor=lambda data, cache: extractor)
    about = f"{len(reference):,} samples of {given.stored.name}, on the features {extractor.name}."
    return Reference(dataclasses.replace(problem, judging=judging, controls=(), about=about), through, able)


def _features(name: str | None, file: NetworkFile | None, given: SampleSet) -> tuple[Extractor, Arrange | None]:
    """Return the extractor of a name, and what samples go through where they are too large to be kept themselves."""
    if name is None:
        size = math.prod(given.shape)
        if size > SMALL:
            raise UserError(
                f"Samples of {size:,} values are too large to be compared by pixels; choose --features pixels8, "
                f"the means of 8x8 blocks, or those of a network: {', '.join(NETWORKS)} (with --weights)."
            )
        name = "pixels"
    if name == "pixels":
        return pixels_extractor(), None
    if len(given.shape) != 3:
        raise UserError(f"The features {quote(name)} are for images; compare points with --features pixels.")
    if name in NETWORKS:
        if file is None:
            raise UserError(f"The features {quote(name)} need the weights of their network; add --weights FILE.")
        network = load_network(file)
        features, probabilities = network.features, network.probabilities
        if probabilities is None:
            return network, lambda images: features(images).float()
        return network, lambda images: torch.cat([features(images), probabilities(images)], 1).float()
    blocks = re.fullmatch(r"pixels([1-9]\d{0,2})", name)
    if blocks is None:
        raise unknown_name("features", name, [*NETWORKS, "pixels", "pixels8"])
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
