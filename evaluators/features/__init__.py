"""Frozen feature extractors; the caller passes the training data and chooses where weights are cached."""

from __future__ import annotations

from evaluators.features.classifier import Classifier, Recipe
from evaluators.features.digits import digits_extractor
from evaluators.features.inception_network import inception_extractor
from evaluators.features.mnist import fashion_extractor, mnist_extractor
from evaluators.features.networks import NETWORKS, network_extractor
from evaluators.features.pixels import pixels_extractor

__all__ = [
    "NETWORKS",
    "Classifier",
    "Recipe",
    "digits_extractor",
    "fashion_extractor",
    "inception_extractor",
    "mnist_extractor",
    "network_extractor",
    "pixels_extractor",
]
