"""Two-sample statistics: energy distance, Gaussian MMD, and a classifier two-sample test.

The classifier two-sample test (Lopez-Paz & Oquab, 2017, arXiv:1610.06545) with their k-nearest-neighbour rule: half
of both sets is kept as examples, the other half is classified. Its accuracy is ½ where the laws are equal, 1 where
they are disjoint.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.discrepancy import energy_distance, gaussian_mmd2, median_distance
from evaluators.distances import squared_distances
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.subsets import shuffled
from evaluators.truth import Evaluation, Metric, Score, Truth

NEIGHBOURS = 5


def halves(rows: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw two disjoint subsets of `size` rows."""
    mixed = shuffled(rows, generator)
    return mixed[:size], mixed[size : 2 * size]


def classifier_two_sample(first: Tensor, second: Tensor, generator: torch.Generator, k: int = NEIGHBOURS) -> Score:
    """Return the held-out accuracy of a k-nearest-neighbour classifier of the two sets, equally many of both."""
    x, y = pair("first", first, "second", second)
    size = min(len(x), len(y)) // 2
    if k < 1 or k % 2 == 0 or 2 * size < k:
        raise InvalidSamples(f"k must be odd and at most {2 * size} for sets of this size, got {k}")
    (x_known, x_asked), (y_known, y_asked) = (halves(s, size, generator) for s in (x, y))
    # Shuffled, because points at equal distance (copies) are taken in order.
    order = torch.randperm(2 * size, generator=generator, device=generator.device).to(x.device)
    known, asked = torch.cat([x_known, y_known])[order], torch.cat([x_asked, y_asked])
    is_second = torch.arange(2 * size, device=x.device) >= size
    labels = is_second[order]
    votes = [
        labels[part.values.topk(k, largest=False).indices].sum(1) * 2 > k for part in squared_distances(asked, known)
    ]
    p = float((torch.cat(votes) == is_second).double().mean())
    return Score(p, math.sqrt(p * (1.0 - p) / (2 * size)))


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the reference directly, without features."""
    x, y = pair("samples", samples, "reference", truth.reference, at_least=3)
    bandwidth = median_distance(y, generator)
    scores = {
        "c2st_knn5": classifier_two_sample(x, y, generator),
        "energy_distance": energy_distance(x, y),
        "mmd2_gaussian": gaussian_mmd2(x, y, bandwidth),
    }
    return Evaluation(scores, {}, {"n_samples": len(x), "n_reference": len(y), "mmd_bandwidth": bandwidth})


METRICS = {
    "c2st_knn5": Metric(
        "lower",
        "held-out accuracy of a 5-neighbour classifier of samples against reference: ½ is ideal",
        ideal=0.5,
        degree=0,
    ),
    "energy_distance": Metric(
        "lower", "unbiased energy distance: 0 for equal distributions", ideal=0.0, degree=1, unbiased=True
    ),
    "mmd2_gaussian": Metric(
        "lower",
        "unbiased Gaussian MMD² with the reference's median distance as bandwidth: 0 for equal distributions",
        ideal=0.0,
        degree=0,
        unbiased=True,
    ),
}
EVALUATOR = evaluator("two-sample statistics without features", (), METRICS, run)
