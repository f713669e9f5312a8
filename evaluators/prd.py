"""The curve of precision and recall of two distributions (PRD), and the two numbers that sum it up.

With p and q the shares of real and generated samples in the cells of a partition, and λ = tan θ,

α(λ) = Σ_cell min(λ p, q)        precision
β(λ) = Σ_cell min(p, q/λ)        recall        F_b = max_λ (1 + b²) α β / (b² α + β)

Sajjadi et al. (2018, arXiv:1806.00035). F8 weighs recall, F1/8 precision. The constants are those of the authors' code:
20 clusters of both sets together, 1,001 angles from 1e-10 to π/2 - 1e-10, curves averaged over ten clusterings, sets of
equal size. They cluster by mini-batch k-means of scikit-learn, the best of ten starts; here each repetition is ten
rounds of Lloyd's algorithm from k-means++, so that the two agree up to what another draw of clusters changes.

What is wrong with it: a cell sees no difference inside itself, so a collapse within clusters is perfect; the curve
depends on the draw of the clusters, whose number is a convention; and a perfect sampler stays below 1 by what N
samples scatter over 20 cells.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.clusters import lloyd, spread_start
from evaluators.guard import embedded, evaluator, named
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

CLUSTERS, ANGLES, EDGE, REPEATS, BETA = 20, 1_001, 1e-10, 10, 8.0  # the authors'
ROUNDS = 10
SAMPLES = 200  # ten of each set in a cell; ours


class Curve(NamedTuple):
    """Precision [A] and recall [A] of the angles from all recall to all precision."""

    precision: Tensor
    recall: Tensor

    def best(self, beta: float) -> float:
        """Return the largest F_beta on the curve."""
        weighed = beta**2 * self.precision + self.recall + EDGE  # never zero, as the authors have it
        return float(((1.0 + beta**2) * self.precision * self.recall / weighed).max())


def curve_of_shares(real: Tensor, fake: Tensor) -> Curve:
    """Return the curve of two discrete distributions [K], which each sum to one."""
    p, q = pair("real", real.reshape(-1, 1), "fake", fake.reshape(-1, 1))
    angles = torch.linspace(EDGE, math.pi / 2.0 - EDGE, ANGLES, dtype=torch.float64, device=p.device)
    slopes = angles.tan()
    precision = torch.minimum(p * slopes, q).sum(0)
    return Curve(precision.clamp(max=1.0), (precision / slopes).clamp(max=1.0))


def precision_recall_curve(real: Tensor, fake: Tensor, generator: torch.Generator) -> Curve:
    """Return the mean curve of features [N, d] and [M, d] over ten clusterings; the larger set is drawn down."""
    x, y = pair("real", real, "fake", fake)
    n = min(len(x), len(y))
    both = torch.cat([draw(x, n, generator), draw(y, n, generator)])
    curves = []
    for _ in range(REPEATS):
        found = lloyd(both, CLUSTERS, generator, ROUNDS, spread_start)
        shares = (torch.bincount(part, minlength=CLUSTERS) / n for part in found.members.split(n))
        curves.append(curve_of_shares(*shares))
    return Curve(*(torch.stack(parts).mean(0) for parts in zip(*curves, strict=True)))


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the reference, on the extractor's features where there is one."""
    x, y, facts = embedded(samples, truth)
    curve = precision_recall_curve(y, x, generator)
    values = {"prd_f8": curve.best(BETA), "prd_f8_inverse": curve.best(1.0 / BETA)}
    n = min(len(x), len(y))
    scores = {named(family, truth.extractor): Score(value) for family, value in values.items()}
    return Evaluation(scores, {}, facts | {"n_samples": n, "n_reference": n, "clusters": CLUSTERS})


METRICS = {
    "prd_f8": Metric(
        "higher",
        "largest F8 on the precision-recall curve over 20 clusters: weighs recall",
        SAMPLES,
        SAMPLES,
        of_itself=1.0,
        ideal=1.0,
        degree=0,
        dropped="worse",
    ),
    "prd_f8_inverse": Metric(
        "higher",
        "largest F1/8 on the precision-recall curve over 20 clusters: weighs precision",
        SAMPLES,
        SAMPLES,
        of_itself=1.0,
        ideal=1.0,
        degree=0,
        dropped="same",
    ),
}
EVALUATOR = evaluator("precision-recall curve over clusters (PRD)", (), METRICS, run, on_features=True)
