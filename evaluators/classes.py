"""Scores within classes: Fréchet distance per class, and how often a conditional generator obeys its label.

FD within = 1/C Σ_c FD(samples of class c, reference of class c)

The class of a sample is the one that the frozen classifier thinks most probable; in a mixture of known modes it is the
nearest mode, and features are the points themselves. That holds for samples and reference alike, so rows with labels
and rows without are measured by one rule. The few samples of a class bias FD upwards: compare rows of equal numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators.errors import InvalidSamples
from evaluators.frechet import frechet_distance
from evaluators.guard import evaluator, named
from evaluators.truth import Evaluation, Metric, Score, Truth

FEWEST = 2  # samples of a class that have a covariance
UNASKED = "these samples were not generated for given labels"


def classes_of(samples: Tensor, truth: Truth) -> Tensor:
    """Return the class of each sample [N], by the truth's classifier or else by its nearest mode.

    Raises InvalidSamples where the truth has neither.
    """
    if truth.extractor is not None and truth.extractor.probabilities is not None:
        return truth.extractor.probabilities(samples).argmax(1)
    if truth.modes is not None:
        return torch.cdist(samples.double(), truth.modes.centres.double()).argmin(1)
    raise InvalidSamples("no classifier and no modes assign classes here")


def label_accuracy(samples: Tensor, labels: Tensor, truth: Truth) -> Score:
    """Return the share of samples [N, *data] whose class is the label [N] they were generated for."""
    right = (classes_of(samples, truth) == labels).double()
    return Score(float(right.mean()), float(right.std()) / len(right) ** 0.5)


def run(samples: Tensor, truth: Truth, _: torch.Generator) -> Evaluation:
    """Compare samples and reference class by class."""
    extractor = truth.extractor
    within, accuracy = named("fd_within", extractor), named("label_accuracy", extractor)
    of_samples, of_reference = classes_of(samples, truth), classes_of(truth.reference, truth)
    x, y = (each if extractor is None else extractor.features(each) for each in (samples, truth.reference))
    distances = []
    for label in range(int(of_reference.max()) + 1):
        mine, real = x[of_samples == label], y[of_reference == label]
        if not len(real):
            continue
        if len(mine) < FEWEST or len(real) < FEWEST:
            reason = f"class {label} has {len(mine)} samples and {len(real)} of the reference; each needs {FEWEST}"
            return Evaluation({}, {within: reason, accuracy: UNASKED}, {})
        distances.append(frechet_distance(mine, real))
    value = sum(distances) / len(distances)
    protocol: dict[str, str | int | float] = {"n_samples": len(samples), f"{within}_classes": len(distances)}
    return Evaluation({within: Score(value)}, {accuracy: UNASKED}, protocol)


METRICS = {
    "fd_within": Metric("lower", "Fréchet distance within classes, averaged over classes", scale="logarithmic"),
    "label_accuracy": Metric("higher", "share of samples of the class they were generated for", reference=0),
}
EVALUATOR = evaluator(
    "Fréchet distance within classes; label accuracy of conditional samples", (), METRICS, run, on_features=True
)
