"""How many modes does a generator have? The birthday paradox estimates it from collisions in a small batch.

The test of Arora, Risteski and Zhang (2018, "Do GANs learn the distribution?"; Arora & Zhang, 2017, arXiv:1706.08224):
if a batch of s samples holds a duplicate in half of all draws, the support has about s² elements. They look at the
closest pairs of images and judge by eye; here two samples are duplicates if the same known mode has both, each within
the radius that contains 0.989 of a mode. Samples outside every mode are never duplicates, so a generator of
garbage seems to have a large support: neither number ranks.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator
from evaluators.modes import MASS, assign, known, radius_of_mass
from evaluators.truth import Evaluation, Score, Truth

HALF = 0.5
LARGEST = 150  # samples of a batch: factorials up to here are float64's


def counts_of(samples: Tensor, truth: Truth) -> tuple[Tensor, int]:
    """Count the samples [N, d] within each mode [K], and those outside all of them."""
    assert truth.modes is not None
    found = assign(samples, truth.modes)
    good = found.distance < radius_of_mass(MASS, truth.modes.dimension)
    return torch.bincount(found.nearest[good], minlength=len(truth.modes.centres)).cpu(), int((~good).sum())


def support_of_collisions(counts: Tensor, outside: int) -> float:
    """Return the inverse of the probability that two samples are of one mode: K for K equal modes.

    1 / ĉ,  ĉ = Σ_k n_k (n_k - 1) / (n (n - 1)),  which is without bias for Σ_k p_k²
    """
    own, total = counts.double(), float(counts.sum()) + outside
    collisions = float((own * (own - 1.0)).sum())
    if collisions == 0.0:
        raise InvalidSamples("no two samples are in the same mode")
    return total * (total - 1.0) / collisions


def chance_of_duplicates(counts: Tensor, outside: int) -> Tensor:
    """Return the probability [L + 1] that a batch of 0 to L of the samples, drawn without replacement, has a duplicate.

    1 - e_s(n_1, .., n_K, 1, .., 1) / C(n, s),  e_s the elementary symmetric polynomial; a sample outside is a 1
    """
    total = int(counts.sum()) + outside
    longest = min(LARGEST, total)
    polynomial = torch.zeros(longest + 1, dtype=torch.float64)  # of x/n, so that the coefficients stay small
    polynomial[0] = 1.0
    for share in (counts[counts > 0].double() / total).tolist():
        polynomial[1:] = polynomial[1:] + share * polynomial[:-1]
    sizes, far = range(longest + 1), math.log(total)
    logs = [_log_choose(outside, s) - s * far if s <= outside else -math.inf for s in sizes]
    alone = torch.tensor(logs, dtype=torch.float64).exp()
    ways = torch.stack([(polynomial[: s + 1].flip(0) * alone[: s + 1]).sum() for s in sizes])
    scale = torch.tensor([s * far - _log_choose(total, s) for s in sizes], dtype=torch.float64).exp()
    return (1.0 - ways * scale).clamp(0.0, 1.0)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def smallest_batch(counts: Tensor, outside: int) -> int:
    """Return the smallest batch that has a duplicate in half of all draws or more."""
    likely = (chance_of_duplicates(counts, outside) >= HALF).nonzero()
    if len(likely) == 0:
        raise InvalidSamples(f"no batch of {LARGEST} samples or fewer has a duplicate in half of all draws")
    return int(likely[0])


def squared_batch(counts: Tensor, outside: int) -> float:
    """Return the square of that batch: the paper's estimate of the support."""
    return float(smallest_batch(counts, outside) ** 2)


def run(samples: Tensor, truth: Truth, _: torch.Generator) -> Evaluation:
    """Estimate the number of modes that samples are drawn from, by their collisions."""
    counts, outside = counts_of(samples, truth)
    scores, absent = {}, {}
    for name, estimate in (("support_birthday", squared_batch), ("support_collisions", support_of_collisions)):
        try:
            scores[name] = Score(estimate(counts, outside))
        except InvalidSamples as error:
            absent[name] = str(error)
    return Evaluation(scores, absent, {"n_samples": len(samples), "n_modes": len(counts), "n_outside": outside})


METRICS = {
    "support_birthday": known("none", "s², s the smallest batch that has two samples in one mode in half of all draws"),
    "support_collisions": known("none", "inverse probability of two samples in one mode: the number of equal modes"),
}
EVALUATOR = evaluator("size of the support, by the birthday paradox test on modes", ("modes",), METRICS, run)
