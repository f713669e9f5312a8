"""What may be known of the truth, and the record that an evaluator returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Direction = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class Score:
    """One number, with its standard error where the metric has one."""

    value: float
    standard_error: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """What one evaluator says of one set of samples."""

    scores: Mapping[str, Score]
    absent: Mapping[str, str]  # metric -> why it could not be computed
    protocol: Mapping[str, str | int | float]  # sizes, bandwidths, floors, fingerprints: what the scores depend on


@dataclass(frozen=True)
class Modes:
    """A mixture of K isotropic Gaussians of one width."""

    centres: Tensor  # [K, d]
    std: float
    weights: Tensor  # [K], sums to one


@dataclass(frozen=True)
class Extractor:
    """A frozen map from samples to features, chosen by the caller; its name ends the names of its metrics."""

    name: str
    fingerprint: str  # of the weights, the input transform and the dtype
    features: Callable[[Tensor], Tensor]  # [N, *data] -> [N, d]
    probabilities: Callable[[Tensor], Tensor] | None = None  # [N, *data] -> [N, C]; None: it knows no classes
    accuracy: float | None = None  # on the caller's test images, in [0, 1]


@dataclass(frozen=True)
class Truth:
    """All that a problem knows of its truth; None is what it does not know."""

    reference: Tensor  # [N, *data], held-out real samples
    validation: Tensor | None = None
    training: Tensor | None = None
    modes: Modes | None = None
    log_density: Callable[[Tensor], Tensor] | None = None  # [N, *data] -> [N]
    sampler: Callable[[int, torch.Generator], Tensor] | None = None
    extractor: Extractor | None = None


@dataclass(frozen=True)
class Metric:
    """How to read a metric."""

    direction: Direction
    summary: str  # one line


Run = Callable[[Tensor, Truth, torch.Generator], Evaluation]


@dataclass(frozen=True)
class Evaluator:
    """A pure function of samples and truth, what it needs to know, and what it returns.

    The keys of `metrics` are families: a metric on an extractor's features carries the extractor's name after a
    dash (`fd` gives `fd-digits`), and `evaluators.metric` resolves it.
    """

    summary: str
    needs: tuple[str, ...]  # fields of Truth that must not be None
    metrics: Mapping[str, Metric]
    run: Run
