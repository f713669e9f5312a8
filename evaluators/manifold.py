"""Precision, recall, density and coverage over k-nearest-neighbour balls, in O(block x N) memory.

With B_k(x) the ball around x that reaches its k-th nearest other point of its own set, X real and Y generated:

precision  share of Y inside some B_k(X_i)          recall    share of X inside some B_k(Y_j)
density    (1/kM) Σ_ij 1[Y_j in B_k(X_i)]            coverage  share of X_i with some Y_j in B_k(X_i)

Naeem et al. (2020, arXiv:2002.09797) and their package: open balls, k = 5. The improved precision and recall of
Kynkäänniemi et al. (2019, arXiv:1904.06991) are the first two with closed balls and k = 3. For equal distributions
the density's expectation is 1. Precision and recall fall with d at fixed N: compare them with the oracle's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.distances import neighbour_distances, squared_distances
from evaluators.errors import InvalidSamples
from evaluators.guard import embedded, evaluator, named
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

K = 5
K_IMPROVED = 3
ROUNDING = 64.0 * torch.finfo(torch.float64).eps  # of a squared distance in product form, relative to the norms


@dataclass(frozen=True)
class Manifold:
    """The four shares."""

    precision: float
    recall: float
    density: float
    coverage: float


def rounding(x: Tensor, other: Tensor, radii: Tensor) -> Tensor:
    """Return the rounding [N] of a squared distance from x to a point as far away as its radius.

    A point at the edge of a ball is there by both sets' distances only up to this rounding; such ties count as ties.
    """
    norms = torch.maximum((x - x.mean(0)).square().sum(1), (x - other.mean(0)).square().sum(1))
    return ROUNDING * (norms + (norms.sqrt() + radii.sqrt()).square())


def reaches(x: Tensor, other: Tensor, rules: tuple[tuple[int, bool], ...]) -> list[Tensor]:
    """Return for each rule the squared distance [N] below which a point of the other set is in the ball around x."""
    found = []
    for (_, closed), radius in zip(rules, radii(x, tuple(k for k, _ in rules)), strict=True):
        slack = rounding(x, other, radius)
        found.append(radius + slack if closed else radius - slack)
    return found


def radii(x: Tensor, ks: tuple[int, ...]) -> list[Tensor]:
    """Return the squared radii [N] for each k; one that rounding alone makes positive is zero.

    Rounding grows with a point's own distance from the mean: one far outlier blurs no other ball.
    """
    distances = neighbour_distances(x, max(ks))
    noise = ROUNDING * (x - x.mean(0)).square().sum(1, keepdim=True)
    distances[distances <= noise] = 0.0
    return [distances[:, k - 1].contiguous() for k in ks]


@dataclass
class Count:
    """What one pass over the cross distances counts for one k."""

    covered: Tensor  # [M], Y_j lies in some ball of X
    recalled: Tensor  # [N], X_i lies in some ball of Y
    reached: Tensor  # [N], some Y lies in the ball of X_i
    total: int = 0

    def add(self, rows: slice, distances: Tensor, real_reach: Tensor, fake_reach: Tensor) -> None:
        """Add one block of squared distances [b, M] from rows of X to Y."""
        inside = distances < real_reach[rows, None]
        self.covered |= inside.any(0)
        self.reached[rows] = inside.any(1)
        self.total += int(torch.count_nonzero(inside))
        self.recalled[rows] = (distances < fake_reach).any(1)

    def summary(self, k: int) -> Manifold:
        """Turn the counts into shares."""
        shares = [float(flags.double().mean()) for flags in (self.covered, self.recalled, self.reached)]
        return Manifold(shares[0], shares[1], self.total / (k * len(self.covered)), shares[2])


def nowhere(x: Tensor) -> Tensor:
    """Return a false flag for every point."""
    return torch.zeros(len(x), dtype=torch.bool, device=x.device)


def manifold(real: Tensor, fake: Tensor, rules: tuple[tuple[int, bool], ...] = ((K, False),)) -> list[Manifold]:
    """Measure features [N, d] and [M, d] by each rule (k, closed balls or not), the distances computed once."""
    x, y = pair("real", real, "fake", fake)
    ks = tuple(k for k, _ in rules)
    if not ks or min(ks) < 1:
        raise InvalidSamples(f"k must be at least 1, got {ks}")
    for name, matrix in (("real", x), ("fake", y)):
        if len(matrix) <= max(ks):
            raise InvalidSamples(f"{name} has {len(matrix)} samples; k = {max(ks)} needs at least {max(ks) + 1}")
    real_reach, fake_reach = reaches(x, y, rules), reaches(y, x, rules)
    counts = [Count(nowhere(y), nowhere(x), nowhere(x)) for _ in rules]
    for part in squared_distances(x, y):
        for count, of_real, of_fake in zip(counts, real_reach, fake_reach, strict=True):
            count.add(slice(part.start, part.stop), part.values, of_real, of_fake)
    return [count.summary(k) for count, k in zip(counts, ks, strict=True)]


def precision_recall_density_coverage(real: Tensor, fake: Tensor, k: int = K) -> Manifold:
    """Measure features [N, d] and [M, d] by the rule of Naeem et al.: open balls."""
    return manifold(real, fake, ((k, False),))[0]


def improved_precision_recall(real: Tensor, fake: Tensor, k: int = K_IMPROVED) -> tuple[float, float]:
    """Measure precision and recall by the rule of Kynkäänniemi et al.: closed balls."""
    found = manifold(real, fake, ((k, True),))[0]
    return found.precision, found.recall


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the reference, on the extractor's features where there is one."""
    y, x, facts = embedded(samples, truth)
    n = min(len(x), len(y))  # both measures need equal sizes to be comparable: the radii shrink with N
    open_balls, closed_balls = manifold(draw(x, n, generator), draw(y, n, generator), ((K, False), (K_IMPROVED, True)))
    values = {
        "precision_k5": open_balls.precision,
        "recall_k5": open_balls.recall,
        "density_k5": open_balls.density,
        "coverage_k5": open_balls.coverage,
        "improved_precision_k3": closed_balls.precision,
        "improved_recall_k3": closed_balls.recall,
    }
    scores = {named(family, truth.extractor): Score(value) for family, value in values.items()}
    return Evaluation(scores, {}, facts | {"n_samples": n, "n_reference": n})


METRICS = {
    "precision_k5": Metric(
        "higher", "share of samples inside the reference's 5-neighbour balls", of_itself=1.0, degree=0, dropped="same"
    ),
    "recall_k5": Metric(
        "higher",
        "share of the reference inside the samples' 5-neighbour balls",
        of_itself=1.0,
        degree=0,
        dropped="worse",
    ),
    "density_k5": Metric(
        "higher",
        "mean number of reference balls that contain a sample, over 5: 1 for equal distributions",
        of_itself=1.0,
        ideal=1.0,
        degree=0,
    ),
    "coverage_k5": Metric(
        "higher", "share of the reference's balls that contain a sample", of_itself=1.0, degree=0, dropped="worse"
    ),
    "improved_precision_k3": Metric(
        "higher", "precision with closed balls and k = 3 (Kynkäänniemi et al.)", of_itself=1.0, degree=0, dropped="same"
    ),
    "improved_recall_k3": Metric(
        "higher", "recall with closed balls and k = 3 (Kynkäänniemi et al.)", of_itself=1.0, degree=0, dropped="worse"
    ),
}
EVALUATOR = evaluator("precision, recall, density and coverage", (), METRICS, run, on_features=True)
