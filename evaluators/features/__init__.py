"""Frozen feature extractors; the caller passes the training data in and chooses where weights are cached."""

from __future__ import annotations

from evaluators.features.classifier import Classifier, Recipe
from evaluators.features.digits import digits_extractor

__all__ = ["Classifier", "Recipe", "digits_extractor"]
