"""What may be known about the true distribution, and the record that an evaluator returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from evaluators.checks import floats, same_shape

Direction = Literal["higher", "lower", "none"]
Scale = Literal["linear", "logarithmic", "none"]
FEWEST = 20  # samples that a comparison of two distributions can speak about; ours


@dataclass(frozen=True)
class Score:
    """One number, with its standard error where the metric has one."""

    value: float
    standard_error: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """The result of one evaluator for one set of samples."""

    scores: Mapping[str, Score]
    absent: Mapping[str, str]  # metric -> why it could not be computed
    protocol: Mapping[str, str | int | float]  # sizes, bandwidths, floors, fingerprints: what the scores depend on


@dataclass(frozen=True)
class Modes:
    """A mixture of K isotropic Gaussians of one width."""

    centres: Tensor  # [K, d]
    std: float
    weights: Tensor  # [K], sums to one
    varying: int | None = None  # number of coordinates in which a mode varies; None: all d

    @property
    def dimension(self) -> int:
        """Return the number of coordinates in which a mode varies: of them are its radii."""
        return self.centres.shape[1] if self.varying is None else self.varying


@dataclass(frozen=True)
class Support:
    """The set on which all data lie."""

    squared_distance: Callable[[Tensor], Tensor]  # samples [N, *data] -> their squared distances to it [N]
    near: float  # squared distance within which a sample lies on it, and two samples are alike


@dataclass(frozen=True)
class Extractor:
    """A frozen map from samples to features, chosen by the caller; its name ends the names of its metrics."""

    name: str
    fingerprint: str  # of the weights, the input transform and the dtype
    features: Callable[[Tensor], Tensor]  # [N, *data] -> [N, d]
    probabilities: Callable[[Tensor], Tensor] | None = None  # [N, *data] -> [N, C]; None: it has no classes
    accuracy: float | None = None  # on the caller's test images, in [0, 1]
    shape: tuple[int, ...] | None = None  # of one sample that it takes; None: any
    limits: tuple[float, float] | None = None  # of the values that it takes; None: any


@dataclass(frozen=True)
class Truth:
    """What a problem knows about its true distribution; None where it is unknown.

    Samples are tensors of floating-point numbers; NumPy arrays, and bytes as images in [0, 1], are converted.
    """

    reference: Tensor  # [N, *data], held-out real samples
    validation: Tensor | None = None
    training: Tensor | None = None
    modes: Modes | None = None
    log_density: Callable[[Tensor], Tensor] | None = None  # [N, *data] -> [N]
    sampler: Callable[[int, torch.Generator], Tensor] | None = None
    extractor: Extractor | None = None
    limits: tuple[float, float] | None = None  # of all values, [0, 1] for images; None: any
    support: Support | None = None

    def __post_init__(self) -> None:
        for name in ("reference", "validation", "training"):
            values = getattr(self, name)
            if values is None:
                continue
            if not isinstance(values, Tensor) or not values.is_floating_point():
                object.__setattr__(self, name, floats(name, values, limits=self.limits))
            same_shape(name, getattr(self, name).shape[1:], "reference", self.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one sample, as the reference has it."""
        return tuple(self.reference.shape[1:])

    def to(self, device: torch.device) -> Truth:
        """Return the truth with its tensors on a device, where the sampler's samples go too."""
        if self.reference.device == device:
            return self
        modes, draw = self.modes, self.sampler
        return dataclasses.replace(
            self,
            reference=self.reference.to(device),
            validation=None if self.validation is None else self.validation.to(device),
            training=None if self.training is None else self.training.to(device),
            modes=modes
            and dataclasses.replace(modes, centres=modes.centres.to(device), weights=modes.weights.to(device)),
            sampler=draw and (lambda count, generator: draw(count, generator).to(device)),
        )


@dataclass(frozen=True)
class Metric:
    """How to read a metric, the fewest samples that it can speak about, and the values that are known of it.

    With fewer samples it is absent. `gan-bench check` holds an evaluator to what its metrics declare here.
    """

    direction: Direction
    summary: str  # one line
    samples: int = FEWEST  # judged, at least
    reference: int = FEWEST  # of the reference, at least; 0 where it plays no part
    of_itself: float | None = None  # its value for the reference itself
    ideal: float | None = None  # the limit of a perfect sampler as samples and reference grow
    unbiased: bool = False  # whether `ideal` is its mean at any number of samples
    dropped: Literal["worse", "same"] | None = None  # what becomes of it where half of the truth's modes are dropped
    scale: Scale = "linear"  # of its share from untrained to oracle: a distance falls by factors; none: it has no share
    degree: int | None = None  # s^degree times as large where all values are s times as large; no shift changes it

    def too_few(self, samples: int, reference: int) -> str | None:
        """Return why these numbers of samples and of the reference are too small for it, if they are."""
        if samples < self.samples:
            return f"needs at least {self.samples} samples, got {samples}"
        if reference < self.reference:
            return f"needs a reference of at least {self.reference} samples, got {reference}"
        return None


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
    source: str | None = None  # the digest of the source of one from outside, where it has one
