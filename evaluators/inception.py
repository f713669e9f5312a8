"""Inception-type score (Salimans et al., 2016, arXiv:1606.03498) with any frozen classifier.

IS = exp E_x KL(p(y|x) ‖ p(y)), in [1, C]

It depends on the classifier (Barratt & Sharma, 2018, arXiv:1801.01973): its ceiling on real data is the classifier's,
not C, and only the Inception network of the FID makes it `is`.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from evaluators.checks import distribution, not_negative
from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator, named
from evaluators.subsets import shuffled
from evaluators.truth import FEWEST, Evaluation, Metric, Score, Truth

SPLITS = 10  # the paper's
QUARTER = 0.25


def divergences(p: Tensor) -> Tensor:
    """KL(p(y|x) ‖ p(y)) of every row, with p(y) the mean of the rows: [N]."""
    marginal = p.mean(0)
    # xlogy(0, .) is 0; a class that no row holds would give 0 · log(0/0).
    kl: Tensor = torch.special.xlogy(p, p) - torch.special.xlogy(p, marginal)
    return kl.sum(1)


def inception_score(probabilities: Tensor) -> Score:
    """Return the score of rows p(y|x) [N, C] taken as one split, with its first-order standard error."""
    kl = divergences(distribution("probabilities", probabilities, at_least=2))
    value = math.exp(not_negative("the divergence", float(kl.mean())))
    return Score(value, value * float(kl.std()) / math.sqrt(len(kl)))


def inception_score_splits(probabilities: Tensor, generator: torch.Generator, splits: int = SPLITS) -> Score:
    """Return the mean over random splits; each split's score is biased down by its small size.

    As published, but for the order: consecutive splits of samples saved class by class would hold one class each. A
    split of one sample scores 1 whatever it shows. The standard error is the deviation between splits over √splits.
    """
    p = distribution("probabilities", probabilities)
    if splits < 2 or len(p) < 2 * splits:
        raise InvalidSamples(f"probabilities has {len(p)} samples, too few for {splits} splits of at least 2")
    p = shuffled(p, generator)
    bounds = [len(p) * i // splits for i in range(splits + 1)]
    parts = [float(divergences(p[a:b]).mean()) for a, b in pairwise(bounds)]
    values = torch.tensor([not_negative("the divergence", part) for part in parts], dtype=torch.float64).exp()
    return Score(float(values.mean()), float(values.std()) / math.sqrt(splits))


def found_classes(probabilities: Tensor, reference: Tensor) -> int:
    """Return how many classes have a quarter of the samples expected from their share of the reference.

    A sample's class is the most probable one of p(y|x) [N, C]; classes with fewer than 20 expected samples always
    count.
    """
    p, q = (distribution("probabilities", rows).argmax(1) for rows in (probabilities, reference))
    classes = probabilities.shape[1]
    counts, shown = (torch.bincount(labels, minlength=classes).double() for labels in (p, q))
    wanted = len(p) * shown / len(q)
    return int(((counts >= QUARTER * wanted) | (wanted < FEWEST)).sum())


def run(samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Score samples by the Inception-type score of the extractor's classifier."""
    extractor = truth.extractor
    assert extractor is not None
    if extractor.probabilities is None:
        raise InvalidSamples(f"the extractor '{extractor.name}' has no classes")
    p = extractor.probabilities(samples)
    whole, split = named("is", extractor), named("is_splits10", extractor)
    scores, absent = {whole: inception_score(p)}, {}
    try:
        scores[split] = inception_score_splits(p, generator)
    except InvalidSamples as error:
        absent[split] = str(error)
    q = extractor.probabilities(truth.reference)
    scores[named("classes_quarter", extractor)] = Score(float(found_classes(p, q)))
    real = inception_score(q)
    protocol: dict[str, str | int | float] = {
        "n_samples": len(p),
        "n_classes": p.shape[1],
        "extractor": extractor.fingerprint,
        f"{whole}_reference": real.value,
    }
    if extractor.accuracy is not None:
        protocol["classifier_accuracy"] = extractor.accuracy
    return Evaluation(scores, absent, protocol)


METRICS = {
    "classes_quarter": Metric("higher", "classes with at least 25 % of the samples expected from the reference"),
    "is": Metric("higher", "exp of the mean KL(p(y|x), p(y)), in [1, C], one split", FEWEST),
    "is_splits10": Metric("higher", "the Inception-type score, mean over 10 random splits", SPLITS * FEWEST),
}
EVALUATOR = evaluator("Inception-type score of a frozen classifier", ("extractor",), METRICS, run, on_features=True)
