"""Scores of a classifier's labels: the EBGAN paper's I', and the entropy of the labels for class-balanced data.

I' = E_x KL(p(y) ‖ p(y|x))²      (Zhao et al., 2017, arXiv:1609.03126: the marginal comes first, squared, no exp)

Higher is better. One certain wrong class makes a term huge, so a probability below the smallest float64 counts as that.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import distribution, not_negative
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator, named
from evaluators.truth import Evaluation, Metric, Score, Truth

SMALLEST = torch.finfo(torch.float64).tiny


def modified_inception_score(probabilities: Tensor) -> Score:
    """Return I' of rows p(y|x) [N, C], with the standard error over the rows."""
    p = distribution("probabilities", probabilities, at_least=2)
    marginal = p.mean(0)
    kl = torch.special.xlogy(marginal, marginal).sum() - p.clamp(min=SMALLEST).log() @ marginal
    squares = kl.clamp(min=0.0).square()
    return Score(float(squares.mean()), float(squares.std()) / math.sqrt(len(p)))


def label_coverage(probabilities: Tensor) -> float:
    """Return the entropy of the most probable labels over log C: 1 if all classes are equally frequent, 0 if one class.

    A balanced sampler of N samples stays (C - 1)/(2 N log C) below 1 on average.
    """
    p = distribution("probabilities", probabilities)
    frequencies = torch.bincount(p.argmax(1), minlength=p.shape[1]).double() / len(p)
    return not_negative("the entropy", float(torch.special.entr(frequencies).sum()) / math.log(p.shape[1]))


def run(samples: Tensor, truth: Truth, _: torch.Generator) -> Evaluation:
    """Score the labels that the extractor's classifier gives to samples."""
    extractor = truth.extractor
    assert extractor is not None
    if extractor.probabilities is None:
        raise InvalidSamples(f"the extractor '{extractor.name}' has no classes")
    p, real = extractor.probabilities(samples), extractor.probabilities(truth.reference)
    n, classes = p.shape
    modified, coverage = named("iprime", extractor), named("label_coverage", extractor)
    scores = {modified: modified_inception_score(p), coverage: Score(label_coverage(p))}
    protocol: dict[str, str | int | float] = {
        "n_samples": n,
        "extractor": extractor.fingerprint,
        f"{modified}_reference": modified_inception_score(real).value,
        f"{coverage}_reference": label_coverage(real),
        f"{coverage}_ceiling": 1.0 - (classes - 1) / (2.0 * n * math.log(classes)),
    }
    return Evaluation(scores, {}, protocol)


METRICS = {
    "iprime": Metric("higher", "the EBGAN paper's modified inception score, mean KL(p(y), p(y|x)) squared"),
    "label_coverage": Metric("higher", "entropy of the predicted labels over log C: 1 for balanced classes", ideal=1.0),
}
EVALUATOR = evaluator(
    "I' of the EBGAN paper and label coverage, on a frozen classifier", ("extractor",), METRICS, run, on_features=True
)
