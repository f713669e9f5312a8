"""The Monge Inception distance: the sliced Wasserstein-2 distance of features, squared and scaled.

MIND = 3d · mean_u W₂²(u·X, u·Y), u of 1,000 uniform unit vectors, d the number of features

Berthet et al. (2026, arXiv:2605.06797); the factor 3d and the 1,000 directions are those of torch-fidelity's
`metric_mind.py`. That one draws the larger set down to the smaller; here unequal sets are compared by their quantile
functions, which is the same distance of the whole sets. It is biased upwards at finite N, as W₂² is: compare it with
the oracle's row. The standard error is that of the directions alone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.guard import embedded, evaluator, named
from evaluators.transport import directions, wasserstein_1d
from evaluators.truth import Evaluation, Metric, Score, Truth

DIRECTIONS = 1_000
FACTOR = 3.0  # times d


def monge_inception_distance(first: Tensor, second: Tensor, generator: torch.Generator) -> Score:
    """Return the distance of features [N, d] and [M, d]."""
    x, y = pair("first", first, "second", second)
    d = x.shape[1]
    sphere = directions(d, DIRECTIONS, generator).to(x.device)
    values = FACTOR * d * wasserstein_1d(x @ sphere, y @ sphere, 2)
    return Score(float(values.mean()), float(values.std()) / math.sqrt(DIRECTIONS))


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the reference, on the extractor's features where there is one."""
    x, y, facts = embedded(samples, truth)
    return Evaluation({named("mind", truth.extractor): monge_inception_distance(x, y, generator)}, {}, facts)


METRICS = {
    "mind": Metric(
        "lower",
        "3d times the squared sliced Wasserstein-2 distance of features over 1,000 directions",
        of_itself=0.0,
        ideal=0.0,
        degree=2,
        scale="logarithmic",
    ),
}
EVALUATOR = evaluator("Monge Inception distance of features", (), METRICS, run, on_features=True)
