"""Mean and covariance of features, streamed and mergeable.

Chan, Golub & LeVeque (1983), https://doi.org/10.1080/00031305.1983.10483115: sums of squares around the running mean.
Uncentred sums lose every digit where the mean is large against the spread; these do not, at the same cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from evaluators.checks import points, tensor
from evaluators.errors import InvalidSamples

Values = Tensor | np.ndarray[tuple[int, ...], np.dtype[np.floating]]
ROUNDED = 1e-5  # of the largest value: what storing statistics in float32 may take from symmetry and from zero


@dataclass(frozen=True, eq=False)
class Moments:
    """Number, mean and scatter Σ (x - mean)(x - mean)ᵀ of features, in float64.

    Raises InvalidSamples for statistics that no sample could have; that none is indefinite is seen where their
    eigenvalues are, in `frechet_distance_of_moments`.
    """

    n: int
    mean: Tensor  # [d]
    scatter: Tensor  # [d, d]

    def __post_init__(self) -> None:
        if isinstance(self.n, bool) or not isinstance(self.n, int) or self.n < 1:
            raise InvalidSamples(f"n must be an integer, 1 or more, got {self.n!r}")
        for name in ("mean", "scatter"):
            object.__setattr__(self, name, tensor(name, getattr(self, name)).double())
        d = self.mean.shape[0] if self.mean.ndim == 1 else 0
        if d == 0 or self.scatter.shape != (d, d):
            shapes = f"{list(self.mean.shape)} and {list(self.scatter.shape)}"
            raise InvalidSamples(f"the mean must have shape [d] and its scatter or covariance [d, d], got {shapes}")
        bad = int((~self.mean.isfinite()).sum() + (~self.scatter.isfinite()).sum())
        if bad:
            raise InvalidSamples(f"{bad} of {d + d * d} values of the mean and the covariance are not finite")
        largest = float(self.scatter.abs().max())
        gap = float((self.scatter - self.scatter.T).abs().max())
        if gap > ROUNDED * largest:
            raise InvalidSamples(f"the covariance of {d} dimensions is not symmetric, off by {gap / largest:.2g}")

    @classmethod
    def of_statistics(cls, n: int, mean: Values, covariance: Values) -> Moments:
        """Return the moments of published statistics, mu [d] and sigma [d, d], of n samples."""
        if isinstance(n, int) and n < 2:
            raise InvalidSamples(f"a covariance needs at least 2 samples, got {n}")
        return cls(n, tensor("mean", mean), tensor("covariance", covariance).double() * (n - 1))

    @property
    def covariance(self) -> Tensor:
        """Return the unbiased covariance [d, d]."""
        if self.n < 2:
            raise InvalidSamples(f"a covariance needs at least 2 samples, got {self.n}")
        return self.scatter / (self.n - 1)


def feature_moments(features: Tensor) -> Moments:
    """Return the moments of features [N, d]."""
    x = points("features", features)
    mean = x.mean(0)
    centred = x - mean
    return Moments(len(x), mean, centred.T @ centred)


def merge_moments(first: Moments, second: Moments) -> Moments:
    """Return the moments of two sets together, whichever was seen first."""
    same_dimension(first, second)
    n = first.n + second.n
    step = second.mean - first.mean
    between = torch.outer(step, step) * (first.n * second.n / n)
    return Moments(n, first.mean + step * (second.n / n), first.scatter + second.scatter + between)


def same_dimension(first: Moments, second: Moments) -> None:
    """Demand means of one length."""
    if first.mean.shape != second.mean.shape:
        raise InvalidSamples(f"the moments have {len(first.mean)} and {len(second.mean)} dimensions")
