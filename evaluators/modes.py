"""Mode coverage of a mixture of isotropic Gaussians whose centres, width and weights are known.

High quality has three rules: within 3 std of the nearest centre in Euclidean distance (Srivastava et al., 2017,
arXiv:1705.07761, and Lin et al., 2018, arXiv:1712.04086), within 3 std in every coordinate (Liu et al., 2020,
arXiv:2006.10728), and within the radius that holds a fixed mass of a perfect mode, which alone means the same in any
dimension: the 3-std ball holds 98.9 % of a mode in 2-D, 47 % in 10-D and nothing in 50-D. The fixed mass is
1 - exp(-4.5), that of the 3-std ball in 2-D, so there the two rules are one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import points, same_shape
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.histogram import corrected, jensen_shannon, kl_floor, reverse_kl
from evaluators.subsets import sums_by
from evaluators.truth import Direction, Evaluation, Metric, Modes, Score, Truth

MASS = 1.0 - math.exp(-4.5)
QUARTER = 0.25


@dataclass(frozen=True)
class Assignment:
    """Where each sample belongs."""

    nearest: Tensor  # [N], index of the nearest centre
    distance: Tensor  # [N], Euclidean, in units of std
    largest: Tensor  # [N], largest coordinate of the deviation, in units of std


def validated(modes: Modes) -> tuple[Tensor, Tensor]:
    """Return the centres [K, d] and the weights [K] in float64, or say what is wrong with them."""
    centres = points("modes.centres", modes.centres)
    weights = points("modes.weights", modes.weights.reshape(-1, 1)).flatten()
    if len(weights) != len(centres):
        raise InvalidSamples(f"modes has {len(centres)} centres but {len(weights)} weights")
    if not 0 < modes.dimension <= centres.shape[1]:
        raise InvalidSamples(f"modes.varying must be in 1 .. {centres.shape[1]}, got {modes.varying}")
    if not modes.std > 0.0 or not math.isfinite(modes.std):
        raise InvalidSamples(f"modes.std must be positive, got {modes.std!r}")
    if float(weights.min()) <= 0.0 or abs(float(weights.sum()) - 1.0) > 1e-6:
        raise InvalidSamples(f"modes.weights must be positive and sum to 1, got a sum of {float(weights.sum()):g}")
    return centres, weights


def assign(samples: Tensor, modes: Modes) -> Assignment:
    """Find each sample's nearest centre."""
    x, centres = points("samples", samples), validated(modes)[0]
    same_shape("samples", x.shape[1:], "modes.centres", centres.shape[1:])
    centres = centres.to(x.device)
    # Exact differences: the matrix-product form loses the digits that a std of 0.01 at radius 10 needs.
    distances = torch.cdist(x, centres, compute_mode="donot_use_mm_for_euclid_dist")
    distance, nearest = distances.min(1)
    deviation = (x - centres[nearest]).abs().amax(1)
    return Assignment(nearest, distance / modes.std, deviation / modes.std)


def radius_of_mass(mass: float, d: int) -> float:
    """Return the radius, in units of std, of the ball that holds this mass of a d-dimensional Gaussian."""
    from scipy.special import gammaincinv

    return math.sqrt(2.0 * float(gammaincinv(d / 2.0, mass)))


def mass_of_radius(radius: float, d: int) -> float:
    """Return the mass of a d-dimensional Gaussian inside a ball of this radius, in units of std."""
    from scipy.special import gammainc

    return float(gammainc(d / 2.0, radius**2 / 2.0))


def spread_ratio(samples: Tensor, modes: Modes, mass: float = MASS) -> float | None:
    """Compare the variance inside the modes with the truth's: 1 for a perfect sampler, 0 for collapse to points.

    Pooled over the modes, around each mode's own mean, over high-quality samples; a truncated Gaussian has
    E[r² | r < R] = d F_{d+2}(R²)/F_d(R²), which is divided out. None where no mode holds two samples.
    """
    if not 0.0 < mass < 1.0:
        raise InvalidSamples(f"mass must be between 0 and 1, got {mass}")
    x, found = points("samples", samples), assign(samples, modes)
    d = modes.dimension
    radius = radius_of_mass(mass, d)
    kept = found.distance < radius
    x, nearest = x[kept], found.nearest[kept]
    counts = torch.bincount(nearest, minlength=len(modes.centres)).double()
    freedom = float((counts - 1.0).clamp(min=0.0).sum())
    if freedom == 0.0:
        return None
    within = x - (sums_by(nearest, x, len(counts)) / counts.clamp(min=1.0)[:, None])[nearest]
    truth = d * modes.std**2 * mass_of_radius(radius, d + 2) / mass
    return float(within.square().sum()) / freedom / truth


def found_modes(nearest: Tensor, good: Tensor, weights: Tensor, share: float) -> int:
    """Count the modes that at least one good sample, and at least this share of the expected number, is nearest to."""
    counts = torch.bincount(nearest[good], minlength=len(weights)).double()
    needed = (share * len(nearest) * weights.to(counts.device)).clamp(min=1.0)
    return int((counts >= needed).sum())


def known(direction: Direction, summary: str, ideal: float | None = None) -> Metric:
    """Describe a metric that compares samples with the modes, not with the reference: scaled with them it stays."""
    return Metric(direction, summary, reference=0, ideal=ideal, degree=0)


METRICS = {
    "modes": known("higher", "modes with at least 1 high-quality sample (within the radius of mass 0.989)"),
    "modes_quarter": known("higher", "modes with at least 25 % of their expected high-quality samples"),
    "hq_3std": known("higher", "share of samples within 3 std of the nearest centre, Euclidean (PacGAN, VEEGAN)"),
    "hq_box3std": known(
        "higher", "share of samples within 3 std of the nearest centre in every coordinate (self-conditioned GAN)"
    ),
    "hq_mass989": known("higher", "share of samples within the radius of mass 0.989 of a mode, any dimension"),
    "mass_outside": known("lower", "share of samples outside the radius of mass 0.989 of every mode"),
    "reverse_kl": known("lower", "KL(nearest-mode frequencies of all samples, true weights), nats", 0.0),
    "reverse_kl_hq": known("lower", "KL(nearest-mode frequencies of high-quality samples, true weights), nats", 0.0),
    "reverse_kl_corrected": known("lower", "reverse_kl minus the Miller-Madow bias, nats", 0.0),
    "js_modes": known(
        "lower", "Jensen-Shannon divergence between nearest-mode frequencies and weights, at most log 2 nats", 0.0
    ),
    "spread_ratio": known(
        "none", "variance inside the modes over the truth's: 1 for a perfect sampler, 0 for points", 1.0
    ),
}


def share_score(inside: Tensor) -> Score:
    """Return a share with its binomial standard error."""
    p = float(inside.double().mean())
    return Score(p, math.sqrt(p * (1.0 - p) / len(inside)))


def divergence_scores(found: Assignment, good: Tensor, weights: Tensor) -> dict[str, Score]:
    """Compare the frequencies of the modes with their weights; without a good sample its own score is left out."""
    k = len(weights)
    counts = torch.bincount(found.nearest, minlength=k)
    scores = {
        "reverse_kl": Score(reverse_kl(counts, weights)),
        "reverse_kl_corrected": Score(corrected(counts, weights)),
        "js_modes": Score(jensen_shannon(counts, weights)),
    }
    if bool(good.any()):
        scores["reverse_kl_hq"] = Score(reverse_kl(torch.bincount(found.nearest[good], minlength=k), weights))
    return scores


def run(samples: Tensor, truth: Truth, _: torch.Generator) -> Evaluation:
    """Score the coverage of the known modes."""
    assert truth.modes is not None
    centres, weights = validated(truth.modes)
    found = assign(samples, truth.modes)
    n, k, d = len(found.nearest), len(centres), truth.modes.dimension
    good = found.distance < radius_of_mass(MASS, d)
    ratio = spread_ratio(samples, truth.modes)
    scores = divergence_scores(found, good, weights) | {
        "modes": Score(float(found_modes(found.nearest, good, weights, 0.0))),
        "modes_quarter": Score(float(found_modes(found.nearest, good, weights, QUARTER))),
        "hq_3std": share_score(found.distance < 3.0),
        "hq_box3std": share_score(found.largest < 3.0),
        "hq_mass989": share_score(good),
        "mass_outside": share_score(~good),
    }
    if ratio is not None:
        scores["spread_ratio"] = Score(ratio)
    too_few = f"{int(good.sum())} of {n} samples are of high quality, which is too few"
    protocol: dict[str, str | int | float] = {
        "n_samples": n,
        "n_modes": k,
        "reverse_kl_floor": kl_floor(k, n),
        "hq_3std_ceiling": mass_of_radius(3.0, d),
        "hq_box3std_ceiling": math.erf(3.0 / math.sqrt(2.0)) ** d,
        "hq_mass989_ceiling": MASS,
    }
    return Evaluation(scores, dict.fromkeys(METRICS.keys() - scores.keys(), too_few), protocol)


EVALUATOR = evaluator("coverage and quality of the known modes", ("modes",), METRICS, run)
