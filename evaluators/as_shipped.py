"""Metrics as repositories ship them, where they deviate: each with its source, and the laws that find it out.

They are none of ours and score nothing here. They show what the laws of `evaluators.laws` are for, and by how much a
published number may differ from the metric whose name it bears. Each passes the same door as ours, so that only the
deviation breaks a law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from evaluators import frechet, inception, kernel, manifold, two_sample
from evaluators.discrepancy import median_distance, squared
from evaluators.guard import evaluator, named
from evaluators.kernel import subset_value
from evaluators.truth import Evaluation, Evaluator, Score, Truth


@dataclass(frozen=True)
class ShippedMetric:
    """One evaluator as a repository ships it."""

    evaluator: Evaluator
    instead_of: str  # the family whose name it bears
    source: str  # repository, version and file
    deviation: str  # what it computes instead
    breaks: tuple[str, ...]  # the laws it fails; none for a convention


def features_of(samples: Tensor, truth: Truth) -> tuple[Tensor, Tensor]:
    """Return the features of samples and reference."""
    assert truth.extractor is not None
    return truth.extractor.features(samples), truth.extractor.features(truth.reference)


def shipped(family: str, like: Evaluator, value: Callable[..., float], in_order: bool = False) -> Evaluator:
    """Build an evaluator of one metric, declared as ours is, from a function of samples, truth and generator."""

    def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
        return Evaluation({named(family, truth.extractor): Score(value(samples, truth, generator))}, {}, {})

    metrics = {family: like.metrics[family]}
    return evaluator(like.summary, like.needs, metrics, run, on_features=True, in_order=in_order)


def swapped(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """The share of the reference inside the samples' balls, which is the recall."""
    x, y = features_of(samples, truth)
    return manifold.improved_precision_recall(x, y)[0]


def single_precision(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """The Fréchet distance in float32: the square root of the product's eigenvalues, their imaginary part dropped."""
    x, y = (features.float() for features in features_of(samples, truth))
    first, second = torch.cov(x.T), torch.cov(y.T)
    roots = torch.linalg.eigvals(first @ second).sqrt().real
    gap = (x.mean(0) - y.mean(0)).square().sum()
    return float(gap + first.trace() + second.trace() - 2.0 * roots.sum())


def consecutive(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """The Inception score over ten splits of samples as they stand in the file."""
    assert truth.extractor is not None
    assert truth.extractor.probabilities is not None
    p = truth.extractor.probabilities(samples)
    bounds = [len(p) * i // inception.SPLITS for i in range(inception.SPLITS + 1)]
    return sum(inception.inception_score(p[a:b]).value for a, b in pairwise(bounds)) / inception.SPLITS


def replaced(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """KID over subsets drawn with replacement, so that a sample is paired with itself."""
    x, y = features_of(samples, truth)
    size, values = min(50, len(x), len(y)), []
    for _ in range(50):
        drawn = [s[torch.randint(len(s), (size,), generator=generator).to(s.device)] for s in (x, y)]
        values.append(subset_value(*drawn))
    return sum(values) / len(values)


def biased(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """MMD² with the diagonal: each sample is paired with itself."""
    x, y = samples.double().flatten(1), truth.reference.double().flatten(1)
    width = 2.0 * median_distance(y, generator) ** 2
    within = [(-squared(s, s) / width).exp().mean() for s in (x, y)]
    return float(within[0] + within[1] - 2.0 * (-squared(x, y) / width).exp().mean())


def cut_off(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """The Fréchet distance of pixels, those of samples times 255 cut to bytes, not rounded, beside files of bytes."""
    x, y = features_of(samples, truth)
    if truth.limits is not None:
        x = (255.0 * samples).byte().double().flatten(1) / 255.0
    return frechet.frechet_distance(x, y)


AS_SHIPPED: dict[str, ShippedMetric] = {
    "as-shipped/fd-bytes": ShippedMetric(
        shipped("fd", frechet.EVALUATOR, cut_off),
        "fd",
        "torchvision, transforms/functional.py to_pil_image; torchmetrics, image/fid.py with normalize=True (both from "
        "memory)",
        "samples times 255 are cut to bytes where the reference was rounded: half a level darker, which no law sees",
        (),
    ),
    "as-shipped/fd-float32": ShippedMetric(
        shipped("fd", frechet.EVALUATOR, single_precision),
        "fd",
        "pytorch-fid 0.3.0, fid_score.py (imaginary part); torchmetrics 1.9.0, image/fid.py (float32)",
        "float32, and the imaginary part of the root is dropped without a look at its size",
        ("itself", "scale"),
    ),
    "as-shipped/is-consecutive": ShippedMetric(
        shipped("is_splits10", inception.EVALUATOR, consecutive, in_order=True),
        "is_splits10",
        "inception-score-pytorch, inception_score.py (issue 12); guided-diffusion (issues 153, 165)",
        "splits are consecutive, so that samples saved class by class score 1",
        ("order",),
    ),
    "as-shipped/kid-replacement": ShippedMetric(
        shipped("kid", kernel.EVALUATOR, replaced),
        "kid",
        "copies of kid_score.py with choice(.., replace=True); the MMD-GAN authors' own draws without",
        "subsets are drawn with replacement: pairs of a sample with itself enter the unbiased sum",
        ("unbiased",),
    ),
    "as-shipped/mmd-biased": ShippedMetric(
        shipped("mmd2_gaussian", two_sample.EVALUATOR, biased),
        "mmd2_gaussian",
        "transferlearning, mmd_numpy_sklearn.py (from memory); the same in OPUPO, Utils/mmd.py",
        "the means of whole kernel matrices, diagonals and all: above zero for equal laws",
        ("unbiased",),
    ),
    "as-shipped/precision-swapped": ShippedMetric(
        shipped("improved_precision_k3", manifold.EVALUATOR, swapped),
        "improved_precision_k3",
        "torch-fidelity before 0.4.0 (2026-02), metric_prc.py",
        "precision and recall under each other's name",
        ("dropped",),
    ),
}
