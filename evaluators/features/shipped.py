"""Trained classifiers in the package, so that all machines use the same weights.

One file a classifier: the weights in units of 2⁻²⁰, whole numbers by their recipe, with the recipe's hash,
the fingerprint, the digest of the training data, and the accuracy on test data of a digest. A classifier is trained
anew only where recipe or data are others; `tests/evaluators/test_shipped.py` trains these again and compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evaluators.features.classifier import GRID, Recipe, Weights, fingerprint

FACTS = "facts"


@dataclass(frozen=True)
class Facts:
    """What a shipped classifier was made from, and what it is worth."""

    recipe: str  # hash
    fingerprint: str
    training: str  # digest of the images and labels
    test: str  # digest of the images and labels that the accuracy is of
    accuracy: float


@dataclass(frozen=True)
class Shipped:
    """A trained classifier and its facts."""

    weights: Weights
    facts: Facts


def recipe_hash(recipe: Recipe) -> str:
    """Return the hash of all that decides the weights besides the data and the network's own code."""
    settings = (recipe.name, recipe.shape, sorted(recipe.layers.items()), recipe.transform, recipe.steps)
    descent = (recipe.batch, recipe.learning_rate, recipe.momentum, recipe.weight_decay, recipe.seed)
    return hashlib.sha256(repr((settings, descent)).encode()).hexdigest()[:16]


def shipped(recipe: Recipe) -> Shipped | None:
    """Read the classifier of a recipe, if it comes with the package."""
    resource = files("evaluators.features") / "weights" / f"{recipe.name}.npz"
    if not resource.is_file():
        return None
    with as_file(resource) as path:
        found = read(path)
    return found if found.facts.recipe == recipe_hash(recipe) else None


def read(path: Path) -> Shipped:
    """Read a file that `write` wrote."""
    with np.load(path, allow_pickle=False) as content:
        facts = Facts(**json.loads(str(content[FACTS])))
        weights = {name: torch.from_numpy(content[name]).double() / GRID for name in content.files if name != FACTS}
    return Shipped(weights, facts)


def write(path: Path, recipe: Recipe, weights: Mapping[str, Tensor], training: str, test: str, accuracy: float) -> None:
    """Write the file of a trained classifier."""
    facts = Facts(recipe_hash(recipe), fingerprint(recipe, weights), training, test, accuracy)
    arrays: dict[str, Any] = {FACTS: np.array(json.dumps(asdict(facts)))}
    arrays |= {name: (value * GRID).round().to(torch.int32).numpy() for name, value in weights.items()}
    np.savez_compressed(path, **arrays)
