"""Evaluators: samples and truth in, named numbers out. Pure functions, usable without the rest of the project."""

from __future__ import annotations

from evaluators import frechet, inception, modes, parzen
from evaluators.errors import InvalidSamples
from evaluators.features import digits_extractor
from evaluators.frechet import (
    frechet_distance,
    frechet_distance_of_moments,
    frechet_infinity,
)
from evaluators.inception import inception_score, inception_score_splits
from evaluators.moments import Moments, feature_moments, merge_moments
from evaluators.parzen import FINE_GRID, PAPER_GRID, Parzen, parzen_log_density
from evaluators.parzen import parzen as parzen_score
from evaluators.truth import Direction, Evaluation, Evaluator, Extractor, Metric, Modes, Score, Truth

EVALUATORS: dict[str, Evaluator] = {
    "frechet": frechet.EVALUATOR,
    "inception": inception.EVALUATOR,
    "modes": modes.EVALUATOR,
    "parzen": parzen.EVALUATOR,
}

METRICS: dict[str, Metric] = {
    family: EVALUATORS[name].metrics[family] for name in EVALUATORS for family in EVALUATORS[name].metrics
}


def metric(name: str) -> Metric:
    """Tell how to read a metric, with or without an extractor's name: `fd-digits` reads as `fd` does."""
    family = name.split("-", 1)[0]
    if family not in METRICS:
        raise ValueError(f"Unknown metric '{name}'. Known: {', '.join(sorted(METRICS))}")
    return METRICS[family]


__all__ = [
    "EVALUATORS",
    "FINE_GRID",
    "METRICS",
    "PAPER_GRID",
    "Direction",
    "Evaluation",
    "Evaluator",
    "Extractor",
    "InvalidSamples",
    "Metric",
    "Modes",
    "Moments",
    "Parzen",
    "Score",
    "Truth",
    "digits_extractor",
    "feature_moments",
    "frechet_distance",
    "frechet_distance_of_moments",
    "frechet_infinity",
    "inception_score",
    "inception_score_splits",
    "merge_moments",
    "metric",
    "parzen_log_density",
    "parzen_score",
]
