"""Precision and recall where the set that all data lie on is known: quality and variety without any features.

precision  share of samples within δ of the support          min over s in the support of ‖x - s‖² < δ
recall     share of held-out data with a sample within δ       min over samples x of ‖y - x‖² < δ
f1         2 · precision · recall / (precision + recall)
distance   mean squared distance of samples to the support
chamfer    distance + mean over held-out data y of min over samples x of ‖y - x‖²

Lucic et al. (2018, arXiv:1711.10337) on images of convex polygons; the problem `polygons` has them, with their
δ = 0.75 (from memory), and their 1,024 samples for precision. Their evaluator was never released. Their recall asks the
generator: it inverts a held-out image, min over z of ‖y - G(z)‖², and so depends on the search for z. Here recall sees
samples alone: it falls with their number, and a perfect sampler's is below 1, so compare it with the oracle's. A
generator that repeats its training set has a high one. The Chamfer distance of the two sets is ours: it still orders
generators of which none comes within δ, and a generator that draws one perfect image again and again is far from all
the data.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import points
from evaluators.distances import nearest
from evaluators.guard import evaluator
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

JUDGED = 1_024  # samples whose distance is searched, Lucic et al.'s


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean, 0 where both are 0."""
    return 2.0 * precision * recall / (precision + recall) if precision + recall else 0.0


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by their distances to the support, and the reference by its distances to them."""
    support = truth.support
    assert support is not None
    chosen = draw(samples, JUDGED, generator)
    away = support.squared_distance(chosen).double()
    precision = float((away < support.near).double().mean())
    missed, _ = nearest(points("reference", truth.reference), points("samples", samples))
    recall = float((missed < support.near).double().mean())
    distance = float(away.mean())
    scores = {
        "support_chamfer": Score(distance + float(missed.mean())),
        "support_precision": Score(precision),
        "support_recall": Score(recall),
        "support_f1": Score(f1(precision, recall)),
        "support_distance": Score(distance, float(away.std()) / math.sqrt(len(away))),
    }
    protocol: dict[str, str | int | float] = {
        "n_samples": len(samples),
        "n_judged": len(chosen),
        "n_reference": len(truth.reference),
        "squared_distance": support.near,
    }
    return Evaluation(scores, {}, protocol)


METRICS = {
    "support_chamfer": Metric(
        "lower",
        "mean squared distance of samples to the support, and of held-out data to the nearest sample",
        dropped="worse",
        scale="logarithmic",
    ),
    "support_distance": Metric("lower", "mean squared distance of samples to the support", reference=0, ideal=0.0),
    "support_f1": Metric("higher", "harmonic mean of support_precision and support_recall", ideal=1.0, dropped="worse"),
    "support_precision": Metric(
        "higher",
        "share of samples within squared distance δ of the known support (Lucic et al., 2018)",
        reference=0,
        ideal=1.0,
        dropped="same",
    ),
    "support_recall": Metric(
        "higher",
        "share of held-out data within squared distance δ of a sample",
        of_itself=1.0,
        ideal=1.0,
        dropped="worse",
    ),
}
EVALUATOR = evaluator("precision and recall by distances to the known support of the data", ("support",), METRICS, run)
