"""Train the classifiers that come with the package, and write them where it keeps them: after a change of a recipe.

python benchmarks/classifiers.py, with MNIST and Fashion-MNIST where `gan-bench data list` finds them.
"""

from __future__ import annotations

from pathlib import Path

import evaluators.features
from benchmark.problems import PROBLEMS
from benchmark.runner.paths import cache_directory
from evaluators.features.classifier import Classifier, checked_training_set, train
from evaluators.features.digest import data_digest
from evaluators.features.digits import DIGITS
from evaluators.features.mnist import FASHION, MNIST
from evaluators.features.shipped import write

RECIPES = {"digits": DIGITS, "fashion-mnist": FASHION, "mnist": MNIST}


def main() -> None:
    """Train each, and print what it is worth."""
    for name, recipe in RECIPES.items():
        classes = PROBLEMS[name].source.load(cache_directory(), None).classes
        assert classes is not None
        weights = train(recipe, *checked_training_set(recipe, *classes.training))
        accuracy = Classifier(recipe, weights).accuracy(*classes.test)
        path = Path(evaluators.features.__path__[0]) / "weights" / f"{recipe.name}.npz"
        write(path, recipe, weights, data_digest(*classes.training), data_digest(*classes.test), accuracy)
        print(f"{recipe.name}: accuracy {accuracy:.4f}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
