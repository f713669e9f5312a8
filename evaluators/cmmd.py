"""CMMD: the maximum mean discrepancy of CLIP embeddings.

CMMD = 1000 · MMD²(X, Y), k(x, y) = exp(-‖x - y‖²/2σ²), σ = 10, on embeddings of length 1

Jayasumana et al. (2024, arXiv:2401.09603); σ and the factor are theirs. The paper's equation is the unbiased estimate;
the authors' code (google-research, `cmmd/distance.py`), from which published values come, keeps each sample's pair with
itself, and so does this: it is zero for one set twice, never negative, and biased upwards by about 1000 · (1 - k̄)(1/N
+ 1/M). Compare equal numbers of samples. Only on the CLIP network of the paper is it called `cmmd`.

On unit vectors no distance exceeds 2, so that with σ = 10 the kernel is almost linear: it compares little more than the
means of embeddings. The PyTorch port `cmmd-pytorch` resizes without antialiasing (its issue 4): its values are others.
"""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.discrepancy import Gaussian, cross_sums, within_sums
from evaluators.errors import InvalidSamples
from evaluators.guard import embedded, evaluator, named
from evaluators.truth import Evaluation, Metric, Score, Truth

SIGMA, FACTOR = 10.0, 1_000.0


def unit(name: str, x: Tensor) -> Tensor:
    """Return vectors [N, d] divided by their lengths."""
    lengths: Tensor = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    lost = int((lengths == 0.0).sum())
    if lost:
        raise InvalidSamples(f"{name} has {lost} of {len(x)} vectors of length 0, which have no direction")
    return x / lengths


def clip_discrepancy(first: Tensor, second: Tensor) -> float:
    """Return the discrepancy of embeddings [N, d] and [M, d]; raises InvalidSamples for one of length 0."""
    x, y = pair("first", first, "second", second)
    x, y = unit("first", x), unit("second", y)
    kernel = Gaussian(SIGMA)
    within = [float(within_sums(part, kernel).sum() + len(part)) / len(part) ** 2 for part in (x, y)]
    across = float(cross_sums(x, y, kernel)[0].sum()) / (len(x) * len(y))
    return FACTOR * (within[0] + within[1] - 2.0 * across)


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Compare samples with the reference, on the extractor's features if there is one."""
    x, y, facts = embedded(samples, truth)
    return Evaluation({named("cmmd", truth.extractor): Score(clip_discrepancy(x, y))}, {}, facts | {"sigma": SIGMA})


METRICS = {  # its limit is zero too, but at a few hundred samples the bias is a large part of it
    "cmmd": Metric("lower", "1,000 times MMD² of unit vectors, Gaussian kernel of width 10, biased", of_itself=0.0),
}
EVALUATOR = evaluator("maximum mean discrepancy of CLIP embeddings", (), METRICS, run, on_features=True)
