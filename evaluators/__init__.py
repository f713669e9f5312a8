"""Evaluators: samples and truth in, named numbers out. Pure functions, usable without the rest of the project."""

from __future__ import annotations

from evaluators import (
    birthday,
    classes,
    cmmd,
    density,
    frechet,
    inception,
    kernel,
    labels,
    manifold,
    memorisation,
    mind,
    modes,
    parzen,
    prd,
    stacked,
    support,
    transport,
    two_sample,
    vendi,
)
from evaluators.classes import label_accuracy
from evaluators.clusters import kmeans_centroids
from evaluators.cmmd import clip_discrepancy
from evaluators.conditioning import Conditioning, jacobian_conditioning
from evaluators.density import CriticDistance, Divergences, critic_distance, divergences
from evaluators.discrepancy import energy_distance, gaussian_mmd2, kernel_distance
from evaluators.errors import InvalidSamples
from evaluators.features import (
    digits_extractor,
    fashion_extractor,
    inception_extractor,
    mnist_extractor,
    network_extractor,
    pixels_extractor,
)
from evaluators.frechet import Extrapolation, frechet_distance, frechet_distance_of_moments, frechet_infinity
from evaluators.inception import inception_score, inception_score_splits
from evaluators.judging import evaluate
from evaluators.kernel import kernel_distance_subsets
from evaluators.labels import label_coverage, modified_inception_score
from evaluators.likelihood import (
    Annealing,
    Bounds,
    Likelihood,
    ObservedGenerator,
    annealed_log_likelihood,
    bidirectional_bounds,
)
from evaluators.manifold import Manifold, improved_precision_recall, precision_recall_density_coverage
from evaluators.memorisation import authenticity, copies, copying_z, duplicates
from evaluators.mind import monge_inception_distance
from evaluators.modes import spread_ratio
from evaluators.moments import Moments, feature_moments, merge_moments
from evaluators.parzen import FINE_GRID, PAPER_GRID, Parzen, parzen_log_density
from evaluators.parzen import parzen as parzen_score
from evaluators.prd import Curve, precision_recall_curve
from evaluators.streaming import FrechetDistance, KernelDistance
from evaluators.transport import sliced_wasserstein, wasserstein, wasserstein_1d
from evaluators.truth import Direction, Evaluation, Evaluator, Extractor, Metric, Modes, Score, Support, Truth
from evaluators.two_sample import classifier_two_sample
from evaluators.vendi import vendi_score

EVALUATORS: dict[str, Evaluator] = {
    "birthday": birthday.EVALUATOR,
    "classes": classes.EVALUATOR,
    "cmmd": cmmd.EVALUATOR,
    "density": density.EVALUATOR,
    "frechet": frechet.EVALUATOR,
    "inception": inception.EVALUATOR,
    "kernel": kernel.EVALUATOR,
    "labels": labels.EVALUATOR,
    "manifold": manifold.EVALUATOR,
    "memorisation": memorisation.EVALUATOR,
    "mind": mind.EVALUATOR,
    "modes": modes.EVALUATOR,
    "parzen": parzen.EVALUATOR,
    "prd": prd.EVALUATOR,
    "stacked": stacked.EVALUATOR,
    "support": support.EVALUATOR,
    "transport": transport.EVALUATOR,
    "two_sample": two_sample.EVALUATOR,
    "vendi": vendi.EVALUATOR,
}

METRICS: dict[str, Metric] = {
    family: EVALUATORS[name].metrics[family] for name in EVALUATORS for family in EVALUATORS[name].metrics
}


def metric(name: str) -> Metric:
    """Return the description of a metric, with or without an extractor's name: `fd-digits` is read like `fd`."""
    family = name.split("-", 1)[0]
    if family not in METRICS:
        raise ValueError(f"Unknown metric '{name}'. Known: {', '.join(sorted(METRICS))}")
    return METRICS[family]


__all__ = [
    "EVALUATORS",
    "FINE_GRID",
    "METRICS",
    "PAPER_GRID",
    "Annealing",
    "Bounds",
    "Conditioning",
    "CriticDistance",
    "Curve",
    "Direction",
    "Divergences",
    "Evaluation",
    "Evaluator",
    "Extractor",
    "Extrapolation",
    "FrechetDistance",
    "InvalidSamples",
    "KernelDistance",
    "Likelihood",
    "Manifold",
    "Metric",
    "Modes",
    "Moments",
    "ObservedGenerator",
    "Parzen",
    "Score",
    "Support",
    "Truth",
    "annealed_log_likelihood",
    "authenticity",
    "bidirectional_bounds",
    "classifier_two_sample",
    "clip_discrepancy",
    "copies",
    "copying_z",
    "critic_distance",
    "digits_extractor",
    "divergences",
    "duplicates",
    "energy_distance",
    "evaluate",
    "fashion_extractor",
    "feature_moments",
    "frechet_distance",
    "frechet_distance_of_moments",
    "frechet_infinity",
    "gaussian_mmd2",
    "improved_precision_recall",
    "inception_extractor",
    "inception_score",
    "inception_score_splits",
    "jacobian_conditioning",
    "kernel_distance",
    "kernel_distance_subsets",
    "kmeans_centroids",
    "label_accuracy",
    "label_coverage",
    "merge_moments",
    "metric",
    "mnist_extractor",
    "modified_inception_score",
    "monge_inception_distance",
    "network_extractor",
    "parzen_log_density",
    "parzen_score",
    "pixels_extractor",
    "precision_recall_curve",
    "precision_recall_density_coverage",
    "sliced_wasserstein",
    "spread_ratio",
    "vendi_score",
    "wasserstein",
    "wasserstein_1d",
]
