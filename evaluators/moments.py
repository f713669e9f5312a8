"""Mean and covariance of features, streamed and mergeable.

Chan, Golub & LeVeque (1983), https://doi.org/10.1080/00031305.1983.10483115: sums of squares around the running mean.
Uncentred sums lose every digit where the mean is large against the spread; these do not, at the same cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import points, same_width
from evaluators.errors import InvalidSamples


@dataclass(frozen=True)
class Moments:
    """Number, mean and scatter Σ (x - mean)(x - mean)ᵀ of features, in float64."""

    n: int
    mean: Tensor  # [d]
    scatter: Tensor  # [d, d]

    @property
    def covariance(self) -> Tensor:
        """Unbiased covariance [d, d]."""
        if self.n < 2:
            raise InvalidSamples(f"a covariance needs at least 2 samples, got {self.n}")
        return self.scatter / (self.n - 1)


def feature_moments(features: Tensor) -> Moments:
    """Take the moments of features [N, d]."""
    x = points("features", features)
    mean = x.mean(0)
    centred = x - mean
    return Moments(len(x), mean, centred.T @ centred)


def merge_moments(first: Moments, second: Moments) -> Moments:
    """Return the moments of two sets together, whichever was seen first."""
    same_width("first", first.mean[None], "second", second.mean[None])
    n = first.n + second.n
    step = second.mean - first.mean
    between = torch.outer(step, step) * (first.n * second.n / n)
    return Moments(n, first.mean + step * (second.n / n), first.scatter + second.scatter + between)
