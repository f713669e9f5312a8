"""Does the generator copy its training data, or itself?

`copying_z`   C_T of Meehan et al. (2020, arXiv:2004.05675) over one cell: Mann-Whitney z of the samples' distances to
              their nearest training points against held-out ones' distances; standard normal for a fair sampler,
              far below zero for copies.
`authenticity` Alaa et al. (2022, arXiv:2102.08921): share of samples farther from their nearest training point than
              that point is from its own nearest neighbour in the training set.
`copies_q01`  share of samples nearer to a training point than the 1 % quantile of held-out ones: 0.01 is fair.
`duplicates_q01` the same of distances inside the set, with as many reference points: 0.01 is fair.

None of them ranks: noise copies nothing. Compare them with the oracle's.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import matrices, pair
from evaluators.distances import nearest, neighbour_distances, squared_distances
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.subsets import draw
from evaluators.truth import FEWEST, Evaluation, Metric, Score, Truth

QUANTILE = 0.01
PERCENT = 100  # points that a quantile of 1 % needs


def mann_whitney_z(first: Tensor, second: Tensor) -> float:
    """Return the z-score of U = #{first > second} + ½ #{equal}: negative where `first` tends to be smaller.

    The variance takes ties into account; where all values are equal nothing tends anywhere, and z is 0.
    """
    m, n = len(first), len(second)
    if min(m, n) == 0:
        raise InvalidSamples(f"Mann-Whitney needs values on both sides, got {m} and {n}")
    ordered = second.sort().values
    below = torch.searchsorted(ordered, first) + torch.searchsorted(ordered, first, right=True)
    u = float(below.sum()) / 2.0
    ties = torch.unique(torch.cat([first, second]), return_counts=True)[1].double()
    total = m + n
    correction = float((ties**3 - ties).sum()) / (total * (total - 1))
    variance = m * n / 12.0 * (total + 1 - correction)
    return (u - m * n / 2.0) / math.sqrt(variance) if variance > 0.0 else 0.0


def copying_z(samples: Tensor, held_out: Tensor, training: Tensor) -> float:
    """Return C_T over one cell."""
    x, t, y = matrices({"samples": samples, "training": training, "held_out": held_out})
    return mann_whitney_z(nearest(x, t)[0], nearest(y, t)[0])


def authenticity(samples: Tensor, training: Tensor) -> float:
    """Return the share of samples that are not noisy copies of a training point."""
    x, t = pair("samples", samples, "training", training)
    if len(t) < 2:
        raise InvalidSamples(f"training has {len(t)} samples; at least 2 are needed")
    return authentic_share(*nearest(x, t), t)


def authentic_share(distances: Tensor, closest: Tensor, training: Tensor) -> float:
    """Return authenticity from the squared distance of each sample to its nearest training point, and which that is."""
    asked, place = closest.unique(return_inverse=True)  # only of these must their own neighbours be known
    return float((distances > distance_to_others(training, asked)[place]).double().mean())


def distance_to_others(points: Tensor, rows: Tensor) -> Tensor:
    """Return the squared distance of some of the points to their nearest others."""
    found = []
    for part in squared_distances(points[rows], points):
        itself = rows[part.start : part.stop, None]
        found.append(part.values.scatter_(1, itself, torch.inf).amin(1))
    return torch.cat(found)


def share_below(values: Tensor, fair: Tensor) -> float:
    """Return the share of values below, and half of those at, the 1 % quantile of fair ones."""
    threshold = fair.quantile(QUANTILE)
    return float((values < threshold).double().mean() + (values == threshold).double().mean() / 2.0)


def copies(samples: Tensor, held_out: Tensor, training: Tensor) -> float:
    """Return the share of samples nearer to a training point than 99 % of held-out points are."""
    x, t, y = matrices({"samples": samples, "training": training, "held_out": held_out})
    return share_below(nearest(x, t)[0], nearest(y, t)[0])


def duplicates(samples: Tensor, reference: Tensor, generator: torch.Generator) -> float:
    """Return the share of samples nearer to another sample than 99 % of reference points are to one of theirs.

    Of the larger set as many random points as the smaller one holds, since distances shrink as points are added.
    """
    x, y = pair("samples", samples, "reference", reference, at_least=2)
    n = min(len(x), len(y))
    x, y = draw(x, n, generator), draw(y, n, generator)
    return share_below(neighbour_distances(x, 1)[:, 0], neighbour_distances(y, 1)[:, 0])


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the training set, with the reference as what is fair."""
    assert truth.training is not None
    x, t, y = matrices({"samples": samples, "training": truth.training, "reference": truth.reference})
    if len(t) < 2:
        raise InvalidSamples(f"training has {len(t)} samples; at least 2 are needed")
    (from_x, closest_x), (from_y, closest_y) = (
        nearest(x, t),
        nearest(y, t),
    )  # the slow part, shared by three metrics
    scores = {
        "authenticity": Score(authentic_share(from_x, closest_x, t)),
        "copies_q01": Score(share_below(from_x, from_y)),
        "copying_z": Score(mann_whitney_z(from_x, from_y)),
        "duplicates_q01": Score(duplicates(x, y, generator)),
    }
    fair = authentic_share(from_y, closest_y, t)
    protocol: dict[str, str | int | float] = {
        "n_samples": len(samples),
        "n_reference": len(truth.reference),
        "n_training": len(truth.training),
        "authenticity_of_reference": fair,
    }
    return Evaluation(scores, {}, protocol)


METRICS = {
    "authenticity": Metric(
        "none", "share of samples that are not noisy copies of a training point: 1 for pure noise", degree=0
    ),
    "copies_q01": Metric(
        "none",
        "share of samples nearer to training points than 99 % of held-out ones: 0.01 without copying",
        FEWEST,
        PERCENT,
        degree=0,
    ),
    "copying_z": Metric(
        "none",
        "Mann-Whitney z of distances to training points against held-out ones: 0 without copying",
        of_itself=0.0,
        degree=0,
    ),
    "duplicates_q01": Metric(
        "none",
        "share of samples nearer to one another than 99 % of the reference: 0.01 without duplicates",
        PERCENT,
        PERCENT,
        degree=0,
    ),
}
EVALUATOR = evaluator("copies of the training data and of each other", ("training",), METRICS, run)
