"""Kernel distance on features (KID on Inception's): over all pairs, and by the published subsets.

The subset protocol (100 subsets of 1,000, as torch-fidelity and the authors' command line have it) draws again from
the same samples: it costs more than all pairs and adds the noise of the draws. The deviation between its subsets is
no standard error, so none is given; the estimate over all pairs has one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators.checks import pair
from evaluators.discrepancy import cubic, kernel_distance
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator, named
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

SUBSETS, SIZE = 100, 1000


def subset_value(x: Tensor, y: Tensor) -> float:
    """Return the U-statistic of two sets of one size."""
    n = len(x)
    within = [kernel.sum() - kernel.trace() for kernel in (cubic(x, x), cubic(y, y))]
    return float((within[0] + within[1]) / (n * (n - 1)) - 2.0 * cubic(x, y).mean())


def kernel_distance_subsets(
    first: Tensor, second: Tensor, generator: torch.Generator, subsets: int = SUBSETS, size: int = SIZE
) -> float:
    """Return the mean over random subsets, drawn without replacement inside each."""
    x, y = pair("first", first, "second", second)
    for name, matrix in (("first", x), ("second", y)):
        if len(matrix) < size or size < 2:
            raise InvalidSamples(f"{name} has {len(matrix)} samples; subsets of {size} need at least {max(size, 2)}")
    if subsets < 1:
        raise InvalidSamples(f"subsets must be at least 1, got {subsets}")
    return sum(subset_value(draw(x, size, generator), draw(y, size, generator)) for _ in range(subsets)) / subsets


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by the kernel distance of their features to the reference's."""
    extractor = truth.extractor
    assert extractor is not None
    x, y = extractor.features(samples), extractor.features(truth.reference)
    whole, subsets = named("kid", extractor), named("kid_subsets100x1000", extractor)
    scores, absent = {whole: kernel_distance(x, y)}, {}
    try:
        scores[subsets] = Score(kernel_distance_subsets(x, y, generator))
    except InvalidSamples as error:
        absent[subsets] = str(error)
    protocol: dict[str, str | int | float] = {
        "n_samples": len(x),
        "n_reference": len(y),
        "d": x.shape[1],
        "extractor": extractor.fingerprint,
    }
    return Evaluation(scores, absent, protocol)


METRICS = {
    "kid": Metric(
        "lower",
        "unbiased MMD² with the cubic kernel over all pairs of features: 0 for equal distributions",
        ideal=0.0,
        unbiased=True,
    ),
    "kid_subsets100x1000": Metric(
        "lower", "unbiased MMD² with the cubic kernel, mean over 100 random subsets of 1,000", SIZE, SIZE, ideal=0.0
    ),
}
EVALUATOR = evaluator(
    "kernel distance between the features of samples and reference", ("extractor",), METRICS, run, on_features=True
)
