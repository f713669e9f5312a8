"""The Vendi score: the effective number of different samples, whatever the data.

VS = exp(-Σ_i λ_i log λ_i), λ the eigenvalues of K/N with K_ij = cos(φ(x_i), φ(x_j)), φ the features

Friedman & Dieng (2023, arXiv:2210.02410), of order 1, with the cosine kernel of their package's `image_utils`. It lies
between 1, all samples in one direction, and min(N, d): the nonzero eigenvalues are those of the d x d matrix too.

It is an alarm for collapse and nothing more. It ignores the data: noise scores higher than real images, so read it
beside the reference's own, which stands in the protocol. It grows with N: compare equal numbers of samples. It depends
on where the origin of the features lies: where all features share a large mean, it stays near 1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import points
from evaluators.errors import InvalidSamples
from evaluators.guard import embedded, evaluator, named
from evaluators.truth import Evaluation, Metric, Score, Truth


def vendi_score(features: Tensor) -> float:
    """Return the Vendi score of features [N, d].

    Raises InvalidSamples for features that are all zero, which have no direction.
    """
    x = points("features", features)
    lengths = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    lost = int((lengths == 0.0).sum())
    if lost:
        raise InvalidSamples(f"features has {lost} of {len(x)} samples of length 0, which have no cosine")
    x = x / lengths
    gram = x.T @ x if x.shape[1] < len(x) else x @ x.T
    shares = torch.linalg.eigvalsh(gram / len(x)).clamp(min=0.0)
    return math.exp(-float(torch.special.xlogy(shares, shares).sum()))


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by their diversity alone; the reference's score is in the protocol."""
    x, y, facts = embedded(samples, truth)
    name = named("vendi", truth.extractor)
    return Evaluation({name: Score(vendi_score(x))}, {}, facts | {f"{name}_reference": vendi_score(y)})


METRICS = {
    "vendi": Metric("higher", "Vendi score: the effective number of different samples; it ignores the data"),
}
EVALUATOR = evaluator("diversity of the samples themselves", (), METRICS, run, on_features=True)
