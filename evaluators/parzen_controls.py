"""What stands beside a Parzen score: that of true training samples, and that of k-means centroids.

Theis et al. (2016, arXiv:1511.01844): centroids beat true samples, so the measure ranks a blur above the truth.
"""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.clusters import ROUNDS, kmeans_centroids
from evaluators.guard import evaluator
from evaluators.parzen import PAPER_GRID, score
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

SHARE = 5  # training points per centroid, at least


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score what is no generator by the rule of `parzen`, as many points as there are samples, where there are."""
    assert truth.validation is not None
    assert truth.training is not None
    x, training = pair("samples", samples, "training", truth.training)
    n = len(x)
    k = max(1, min(n, len(training) // SHARE))
    chosen = draw(training, n, generator)
    rows = {"parzen_training": chosen, "parzen_kmeans": kmeans_centroids(training, k, generator)}
    found = {name: score(row, truth.reference, truth.validation, generator, PAPER_GRID) for name, row in rows.items()}
    # More centres score higher: the centroids' rival is as many training samples.
    rival = score(draw(chosen, k, generator), truth.reference, truth.validation, generator, PAPER_GRID)
    protocol: dict[str, str | int | float] = {"kmeans_rounds": ROUNDS, "parzen_kmeans_rival": rival.mean}
    for name, result in found.items():
        protocol |= {f"{name}_n": result.n_samples, f"{name}_sigma": result.sigma}
    return Evaluation({name: Score(r.mean, r.standard_error) for name, r in found.items()}, {}, protocol)


METRICS = {
    "parzen_kmeans": Metric("none", "parzen of k-means centroids of the training set: it outranks true samples"),
    "parzen_training": Metric("none", "parzen of training samples, as many as there are samples if it has them"),
}
EVALUATOR = evaluator(
    "Parzen scores of training samples and of k-means centroids, to read `parzen` by",
    ("validation", "training"),
    METRICS,
    run,
)
