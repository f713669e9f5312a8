"""The rows that every table carries: the truth itself, a generator that never trained, and a model without a game."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from torch import Tensor

from benchmark.engine import streams
from benchmark.engine.group import form
from benchmark.problems import Data, Problem
from objectives import OBJECTIVES

MIXTURE_POINTS = 10_000  # training points that the mixture is fitted to
MIXTURE_COMPONENTS = 10  # where the truth has no modes to count


def control_samples(control: str, problem: Problem, data: Data, seed: int, count: int) -> Tensor:
    """Draw samples [count, *data] of a control at one seed."""
    generator = streams.generator(seed, f"control {control}")
    if control == "oracle":
        return problem.oracle(count, data, generator)
    if control == "untrained":
        group = form(problem, OBJECTIVES["ns"](), problem.training, (seed,), data.training[:1], 1)
        return group.sample(group.start(), count)[0]
    return mixture_samples(data, seed, count, generator)


def mixture_samples(data: Data, seed: int, count: int, generator: torch.Generator) -> Tensor:
    """Fit a Gaussian mixture with full covariances by EM and draw from it; pixels are clipped to their range.

    It is told the true number of modes where there is one. EM starts from k-means and stops where scikit-learn's
    default tolerance says so.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    rows = torch.randperm(len(data.training), generator=generator)[:MIXTURE_POINTS]
    points = data.training[rows].flatten(1).double().numpy()
    components = len(data.truth.modes.weights) if data.truth.modes else MIXTURE_COMPONENTS
    floor = 1e-6 if data.truth.modes else 1e-3  # constant pixels have no variance of their own
    mixture = GaussianMixture(components, reg_covar=floor, random_state=np.random.RandomState(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a stopped EM is a model like another
        mixture.fit(points)
    drawn, _ = mixture.sample(count)
    order = torch.randperm(count, generator=generator)  # scikit-learn gives them component by component
    samples = torch.from_numpy(drawn).float()[order].view(count, *data.training.shape[1:])
    return samples if data.truth.modes else samples.clamp(0.0, 1.0)
