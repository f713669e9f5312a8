"""The controls: samples of the truth, of an untrained generator, and of models that are not GANs."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from benchmark.engine import streams
from benchmark.engine.group import form
from benchmark.problems import Data, Problem, as_floats
from evaluators.clusters import kmeans
from evaluators.subsets import sums_by
from objectives import OBJECTIVES

MIXTURE_POINTS = 10_000  # training points that the mixture is fitted to, and stacks that are clustered
MIXTURE_COMPONENTS = 10  # where the truth has no modes to count
MIXTURE_ROUNDS = 30  # of EM, at most
LEADING = 64  # principal components in which larger data are clustered and fitted; 8x8 digits have no more
POWERS = 4  # of the subspace iteration
SHARE = 5  # training points per centroid, at least
CLUSTERED = 50_000  # training points that are clustered at most: as many as MNIST's


def control_samples(control: str, problem: Problem, data: Data, seed: int, count: int) -> Tensor:
    """Draw samples [count, *data] of a control at one seed."""
    generator = streams.generator(seed, f"control {control}")
    if control == "oracle":
        return data.oracle(count, generator)
    if control == "untrained":
        group = form(problem, OBJECTIVES["ns"](), problem.training, (seed,), data.training[:1], 1)
        return group.sample(group.start(), count)[0]
    if control == "kmeans":
        return kmeans_samples(data, count, generator)
    return mixture_samples(data, seed, count, generator)


class Leading(NamedTuple):
    """Points in their leading principal components [N, d'], and the inverse map."""

    points: Tensor
    mean: Tensor  # [d]
    axes: Tensor  # [d, d'], orthonormal

    def back(self, points: Tensor) -> Tensor:
        """Map points [M, d'] back to the data's coordinates."""
        return self.mean + points @ self.axes.T


def leading(points: Tensor, generator: torch.Generator) -> Leading:
    """Project points [N, d] on the space of their leading principal components, in float64.

    Found by subspace iteration from random axes: the eigenvectors of 3,072 dimensions would take half a minute.
    """
    x = points.double()
    mean = x.mean(0)
    x = x - mean
    axes = torch.randn(x.shape[1], min(LEADING, x.shape[1]), generator=generator, dtype=torch.float64)
    for _ in range(POWERS):
        axes = torch.linalg.qr(x.T @ (x @ axes)).Q
    return Leading(x @ axes, mean, axes)


def training_points(data: Data, count: int, generator: torch.Generator) -> Tensor:
    """Draw training points [count, *sample], without repetition unless they are stacked."""
    if is_stacked(data):
        assert data.truth.sampler is not None
        return data.truth.sampler(count, generator)
    return as_floats(data.training[torch.randperm(len(data.training), generator=generator)[:count]])


def is_stacked(data: Data) -> bool:
    """Return whether a sample is a stack of several training images."""
    return data.training.shape[1:] != data.truth.reference.shape[1:]


def clustered_points(data: Data, generator: torch.Generator) -> Tensor:
    """Return the training points to cluster: all of them up to a bound, and fewer if they are stacked."""
    if is_stacked(data):
        return training_points(data, MIXTURE_POINTS, generator)
    if len(data.training) > CLUSTERED:
        return training_points(data, CLUSTERED, generator)
    return as_floats(data.training)


def kmeans_samples(data: Data, count: int, generator: torch.Generator) -> Tensor:
    """Return k-means centroids of the training data, at least five points each, repeated up to the count.

    They are not samples: centroids outrank true ones by Parzen score (Theis et al., 2016, arXiv:1511.01844). Points
    are assigned in the leading principal components; the centroids are means of whole points.
    """
    points = clustered_points(data, generator).flatten(1)
    k = max(1, min(count, len(points) // SHARE))
    found = kmeans(leading(points, generator).points, k, generator).members
    counts = torch.bincount(found, minlength=k)
    centroids = (sums_by(found, points, k) / counts[:, None])[counts > 0]
    return centroids[torch.arange(count) % len(centroids)].view(count, *data.truth.reference.shape[1:])


def mixture_samples(data: Data, seed: int, count: int, generator: torch.Generator) -> Tensor:
    """Fit a Gaussian mixture with full covariances by EM and draw from it; pixels are clipped to their range.

    It has a component for each mode if these are known. EM starts from k-means and stops by scikit-learn's default
    tolerance, or after 30 rounds. Data of more than 64 dimensions are fitted in their leading principal
    components.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits

    points = training_points(data, MIXTURE_POINTS, generator).flatten(1).double()
    space = leading(points, generator) if points.shape[1] > LEADING else None
    components = len(data.truth.modes.weights) if data.truth.modes else MIXTURE_COMPONENTS
    floor = 1e-6 if data.truth.modes else 1e-3  # constant pixels have no variance of their own
    draws = np.random.RandomState(seed)
    mixture = GaussianMixture(components, reg_covar=floor, max_iter=MIXTURE_ROUNDS, random_state=draws)
    with warnings.catch_warnings(), threadpool_limits(1):  # EM's last bits, and so its optimum, depend on the threads
        warnings.simplefilter("ignore", ConvergenceWarning)  # a mixture whose EM was stopped is used all the same
        mixture.fit((points if space is None else space.points).numpy())
    drawn, _ = mixture.sample(count)
    found = torch.from_numpy(drawn) if space is None else space.back(torch.from_numpy(drawn))
    order = torch.randperm(count, generator=generator)  # scikit-learn gives them component by component
    samples = found.float()[order].view(count, *data.truth.reference.shape[1:])
    return samples if data.truth.modes else samples.clamp(0.0, 1.0)
