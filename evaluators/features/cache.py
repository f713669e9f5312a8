"""Trained classifiers on disk: written atomically, named by recipe and data, trusted only if their hash agrees."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from evaluators.features.classifier import (
    Classifier,
    Recipe,
    Weights,
    checked_training_set,
    fingerprint,
    train,
)
from evaluators.features.digest import data_digest
from evaluators.features.shipped import recipe_hash, shipped

LOG = logging.getLogger(__name__)


def key(recipe: Recipe, digest: str) -> str:
    """Return the hash of what decides the weights: the recipe, the network's own code aside, and the training data."""
    return hashlib.sha256(f"{recipe_hash(recipe)} {digest}".encode()).hexdigest()[:16]


def stored(path: Path, recipe: Recipe) -> Weights | None:
    """Read the weights if the hash in the file matches them; anything else counts as no file."""
    try:
        content = torch.load(path, weights_only=True)
        weights: Weights = content["weights"]
        return weights if fingerprint(recipe, weights) == content["fingerprint"] else None
    except Exception:  # a damaged file may raise anything; training again is the answer to all of it
        return None


def store(path: Path, recipe: Recipe, weights: Weights) -> None:
    """Write under a temporary name and rename, so that no reader ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save({"weights": weights, "fingerprint": fingerprint(recipe, weights)}, file)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def classifier(recipe: Recipe, images: Tensor, labels: Tensor, cache: Path | None = None) -> Classifier:
    """Train the recipe on images [N, *data] in [0, 1] with labels [N], or load the weights from an earlier run.

    Classifiers in the package are not trained. A cache that cannot be written only costs time at the next use.
    """
    digest = data_digest(images, labels)
    known = shipped(recipe)
    if known is not None and known.facts.training == digest:
        return Classifier(recipe, known.weights, (known.facts.test, known.facts.accuracy))
    if cache is None:
        return Classifier(recipe, train(recipe, *checked_training_set(recipe, images, labels)))
    path = Path(cache) / f"{recipe.name}-{key(recipe, digest)}.pt"
    weights = stored(path, recipe)
    if weights is None:
        weights = train(recipe, *checked_training_set(recipe, images, labels))
        try:
            store(path, recipe, weights)
        except (OSError, RuntimeError) as error:  # torch.save raises the latter on a full disk
            LOG.warning(
                "The classifier %s was trained but could not be saved, so the next command trains it again: %s; "
                "set XDG_CACHE_HOME to use another directory for the cache.",
                recipe.name,
                error,
            )
    return Classifier(recipe, weights)
