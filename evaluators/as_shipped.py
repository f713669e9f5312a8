"""Deviating metrics as repositories ship them, each with its source and the laws that detect the deviation.

They are not used for scores here. They show what the laws of `evaluators.laws` are for, and by how much a published
number may differ from the metric it claims to be. Each gets the same checked input as ours, so that only the deviation
breaks a law.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from evaluators import frechet, inception, kernel, manifold, prd, transport, two_sample, vendi
from evaluators.discrepancy import cubic, median_distance, squared
from evaluators.guard import evaluator, named
from evaluators.kernel import subset_value
from evaluators.truth import Evaluation, Evaluator, Score, Truth


@dataclass(frozen=True)
class ShippedMetric:
    """One evaluator as a repository ships it."""

    evaluator: Evaluator
    instead_of: str  # the family it claims to be
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
    """The Inception score over ten consecutive splits of the samples."""
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
    """The Fréchet distance of pixels, with samples truncated to bytes instead of rounded, against files of bytes."""
    x, y = features_of(samples, truth)
    if truth.limits is not None:
        x = (255.0 * samples).byte().double().flatten(1) / 255.0
    return frechet.frechet_distance(x, y)


def polynomial(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """A Vendi score with the kernel (a·b/d + 1)³ of unit vectors, which is not 1 on the diagonal."""
    x = features_of(samples, truth)[0]
    unit = x / x.norm(dim=1, keepdim=True)
    shares = torch.linalg.eigvalsh(cubic(unit, unit) / len(x))
    return math.exp(-float(torch.special.xlogy(shares, shares)[shares > 0].sum()))


def unseeded(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """F8 of precision and recall over clusters that NumPy's global generator draws: one curve of their ten."""
    from sklearn.cluster import MiniBatchKMeans

    y, x = features_of(samples, truth)
    labels = MiniBatchKMeans(prd.CLUSTERS, n_init=10).fit(torch.cat([x, y]).cpu().numpy()).labels_
    counts = [torch.bincount(part, minlength=prd.CLUSTERS) for part in torch.tensor(labels).split([len(x), len(y)])]
    return prd.curve_of_shares(counts[0] / len(x), counts[1] / len(y)).best(prd.BETA)


def two_moments(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """A "sliced Wasserstein distance" that depends only on means and total variances."""
    x, y = samples.double().flatten(1), truth.reference.double().flatten(1)
    widths = [(s - s.mean(0)).square().sum(1).mean().div(s.shape[1]).sqrt() for s in (x, y)]
    gap = (x.mean(0) - y.mean(0)).square().mean()
    return float((gap + (widths[0] - widths[1]).square()).sqrt())


def linear(side: int, into: int) -> Tensor:
    """Return the weights [into, side] of TensorFlow 1's bilinear filter, whose first pixels lie on each other."""
    at = torch.arange(into, dtype=torch.float64) * side / into
    low, share = at.long(), at.frac()[:, None]
    pixels = torch.eye(side, dtype=torch.float64)
    return (1.0 - share) * pixels[low] + share * pixels[(low + 1).clamp(max=side - 1)]


def other_filter(samples: Tensor, truth: Truth, generator: torch.Generator) -> float:
    """The Fréchet distance of pixels enlarged by 3/2: the reference by TensorFlow 1's filter, samples by torch's.

    Both are bilinear; torch's aligns the images' edges, TensorFlow 1's their first pixels.
    """
    if truth.limits is None:
        return frechet.frechet_distance(*features_of(samples, truth))
    height, width = (3 * side // 2 for side in samples.shape[2:])
    x = interpolate(samples.double(), (height, width), mode="bilinear", align_corners=False)
    rows, columns = linear(samples.shape[2], height), linear(samples.shape[3], width)
    y = rows.to(x.device) @ truth.reference.double() @ columns.to(x.device).T
    return frechet.frechet_distance(x.flatten(1), y.flatten(1))


AS_SHIPPED: dict[str, ShippedMetric] = {
    "as-shipped/fd-bytes": ShippedMetric(
        shipped("fd", frechet.EVALUATOR, cut_off),
        "fd",
        "torchvision, transforms/functional.py to_pil_image; torchmetrics, image/fid.py with normalize=True (both from "
        "memory)",
        "truncates 255 x to bytes, while the reference was rounded: half a grey level darker, which no law detects",
        (),
    ),
    "as-shipped/fd-float32": ShippedMetric(
        shipped("fd", frechet.EVALUATOR, single_precision),
        "fd",
        "pytorch-fid 0.3.0, fid_score.py (imaginary part); torchmetrics 1.9.0, image/fid.py (float32)",
        "uses float32, and drops the imaginary part of the matrix root without checking its size",
        ("itself", "scale"),
    ),
    "as-shipped/fd-resized": ShippedMetric(
        shipped("fd", frechet.EVALUATOR, other_filter),
        "fd",
        "pytorch-fid 0.3.0, inception.py (issues 14, 33), against statistics files made by TTUR's TensorFlow 1; the "
        "filters compared by Parmar et al. (2022, arXiv:2104.11222)",
        "resizes samples and reference with different filters, so the distance of a set to itself is not 0",
        ("itself",),
    ),
    "as-shipped/is-consecutive": ShippedMetric(
        shipped("is_splits10", inception.EVALUATOR, consecutive, in_order=True),
        "is_splits10",
        "inception-score-pytorch, inception_score.py (issue 12); guided-diffusion (issues 153, 165)",
        "takes consecutive splits, so samples saved class by class score 1",
        ("order",),
    ),
    "as-shipped/kid-replacement": ShippedMetric(
        shipped("kid", kernel.EVALUATOR, replaced),
        "kid",
        "copies of kid_score.py with choice(.., replace=True); the MMD-GAN authors' own draws without",
        "draws subsets with replacement: pairs of a sample with itself enter the unbiased sum",
        ("unbiased",),
    ),
    "as-shipped/mmd-biased": ShippedMetric(
        shipped("mmd2_gaussian", two_sample.EVALUATOR, biased),
        "mmd2_gaussian",
        "transferlearning, mmd_numpy_sklearn.py (from memory); the same in OPUPO, Utils/mmd.py",
        "averages whole kernel matrices, diagonals included: positive for equal distributions",
        ("unbiased",),
    ),
    "as-shipped/precision-swapped": ShippedMetric(
        shipped("improved_precision_k3", manifold.EVALUATOR, swapped),
        "improved_precision_k3",
        "torch-fidelity before 0.4.0 (2026-02), metric_prc.py",
        "swaps precision and recall",
        ("dropped",),
    ),
    "as-shipped/prd-unseeded": ShippedMetric(
        shipped("prd_f8", prd.EVALUATOR, unseeded),
        "prd_f8",
        "the authors' precision-recall-distributions (df840ad) and compare_gan (19922d3), prd_score.py",
        "draws clusters from NumPy's global generator: two runs on the same samples differ",
        ("arrays", "repeat", "mutation"),
    ),
    "as-shipped/sliced-moments": ShippedMetric(
        shipped("sliced_w2_256", transport.EVALUATOR, two_moments),
        "sliced_w2_256",
        "dgm-eval (74c79f7), metrics/sw.py sw_approx, after Nadjahi et al. (2021, arXiv:2106.15427)",
        "compares only means and total variances: no other difference between two sets counts",
        (),
    ),
    "as-shipped/vendi-polynomial": ShippedMetric(
        shipped("vendi", vendi.EVALUATOR, polynomial),
        "vendi",
        "dgm-eval (74c79f7), metrics/vendi.py with kernel='polynomial'",
        "uses a kernel that is not 1 on the diagonal: a collapsed set counts as less than one sample",
        (),
    ),
}
