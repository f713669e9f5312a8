"""MNIST and Fashion-MNIST: grey images of 28x28 pixels, read from files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor

from benchmark.networks import Shape
from benchmark.problems.base import Budget, Problem
from benchmark.problems.data import Classes, Data, Labelled, Labels, Source
from benchmark.problems.files import FASHION_MNIST, FileSet, find
from benchmark.problems.files import MNIST as MNIST_FILES
from benchmark.problems.idx import labelled
from benchmark.problems.judging import Judging
from benchmark.problems.training import Training
from evaluators import fashion_extractor, mnist_extractor
from evaluators.truth import Extractor, Truth

# The usual settings, Adam at 2e-4 with β1 0.5 (DCGAN's) on batches of 64; no pilot chose them.
USUAL = Training(batch=64, generator_learning_rate=2e-4, critic_learning_rate=2e-4)
CONTROLS = ("gmm", "kmeans", "oracle", "untrained")
SAMPLES, CLASSES = 10_000, 10
# What makes an extractor of images, labels, a cache and held-out images with labels.
Making = Callable[[Tensor, Tensor, Path | None, tuple[Tensor, Tensor] | None], Extractor]


def extract(make: Making, data: Data, cache: Path) -> Extractor:
    """Return the classifier's features: its weights come with the package."""
    assert data.classes is not None
    return make(*data.classes.training, cache, data.classes.test)


def read_classes(files: FileSet, directory: Path | None, cache: Path) -> Classes:
    """Read a data set in MNIST's form: its training and its test images, with their labels."""
    folder = find(files, directory, cache)
    return Classes(*(Labelled(*labelled(files, folder, part)) for part in ("train", "t10k")))


@dataclass(frozen=True)
class Grey(Source):
    """Grey images in MNIST's form, split as in 2014: five sixths of its training images train, the rest validates."""

    files: FileSet

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (1, 28, 28)

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Read and split the files."""
        classes = read_classes(self.files, directory, cache)
        images = classes.training.samples
        cut = len(images) * 5 // 6  # 50,000 of 60,000
        truth = Truth(reference=classes.test.samples, validation=images[cut:], training=images[:cut])
        labels = Labels(classes.training.labels[:cut], classes.test.labels, CLASSES)
        return Data(images[:cut], truth, classes=classes, labels=labels)


def grey(name: str, files: FileSet, make: Making, features: str, energy: float, about: str) -> Problem:
    """Return the problem of a data set in MNIST's form.

    The Parzen row follows the 2014 protocol: 10,000 samples, sigma by the first 1,000 validation images.
    """
    return Problem(
        name,
        Grey(files),
        Budget(50_000, USUAL, {"energy": energy}),
        Judging(
            dict.fromkeys(("frechet", "inception", "parzen"), SAMPLES),
            (f"fd-{features}", f"is-{features}", "parzen"),
            extractor=partial(extract, make),
        ),
        controls=CONTROLS,
        about=about,
    )


MNIST = grey(
    "mnist",
    MNIST_FILES,
    mnist_extractor,
    "mnist",
    7.0,
    """MNIST's handwritten digits (LeCun, Cortes & Burges, 1998), split as in 2014: 50,000 / 10,000 / 10,000.""",
)
FASHION = grey(
    "fashion-mnist",
    FASHION_MNIST,
    fashion_extractor,
    "fashion",
    10.0,
    """Zalando's articles of clothing (Xiao, Rasul & Vollgraf, 2017, arXiv:1708.07747): 50,000 / 10,000 / 10,000.""",
)
