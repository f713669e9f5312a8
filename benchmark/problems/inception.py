"""Problems of images judged by the FID Inception network instead of their own frozen classifiers and block means.

The weights are the user's file, its hash checked by the extractor; so these metrics, and only these, are called `fid`,
`is` and `kid`. Digits are read as grey images of 8x8 pixels. Stacked MNIST is left out: single digits tell its modes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from torch import Tensor

from benchmark.errors import UserError
from benchmark.names import shown
from benchmark.problems.base import Data, Problem
from benchmark.problems.celeba import CelebA
from benchmark.problems.cifar import Cifar10
from benchmark.problems.digits import Digits
from benchmark.problems.folder import Folder
from benchmark.problems.images import Classifying, FashionMnist, Mnist
from benchmark.problems.tfd import Tfd
from evaluators import InvalidSamples, inception_extractor
from evaluators.truth import Extractor

COLOURS = 3
SECONDS = 0.2  # seen on a server's core


def weights_of(path: Path) -> Extractor:
    """Load the network; a file that is not there or not the published one is the user's mistake."""
    try:
        return inception_extractor(path)
    except InvalidSamples as error:
        raise UserError(f"Cannot use the Inception {error}.") from error
    except OSError as error:
        raise UserError(f"Cannot read the Inception weights {shown(str(path))}: {error.strerror}.") from error


def reading(extractor: Extractor, shape: tuple[int, ...]) -> Extractor:
    """Let the extractor see samples [N, *data] as colour images [N, 3, H, W] of a shape (C, H, W); grey is repeated."""
    assert extractor.probabilities is not None

    def seeing(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        return lambda samples: function(samples.reshape(-1, *shape).expand(-1, COLOURS, -1, -1))

    return dataclasses.replace(
        extractor, features=seeing(extractor.features), probabilities=seeing(extractor.probabilities)
    )


ON_FEATURES = ("frechet", "inception", "kernel")
PUBLISHED = ("fid", "is", "kid")
SAMPLES = 10_000


def evaluators_of(kind: type[Problem], samples: int = SAMPLES) -> dict[str, int]:
    """Return the evaluators on features, and what a problem has besides."""
    others = {name: count for name, count in kind.evaluators.items() if name not in ON_FEATURES}
    return dict.fromkeys(ON_FEATURES, samples) | others


def headline_of(kind: type[Problem]) -> tuple[str, ...]:
    """Return the published names, and of a problem's own columns those that are on no features."""
    return (*PUBLISHED, *(metric for metric in kind.headline if "-" not in metric))


@dataclass(frozen=True)
class OnInception(Problem):
    """What an image problem becomes: its own data, the network as extractor, and nothing dear along the way."""

    watched: ClassVar[tuple[str, ...]] = ()
    shape: ClassVar[tuple[int, ...]]  # the image problem's own

    inception_weights: Path = Path()

    @property
    def image(self) -> tuple[int, ...]:
        """Return the shape (C, H, W) of one sample as the network reads it."""
        return (*(1,) * (3 - len(self.shape)), *self.shape)

    def load(self, cache: Path) -> Data:
        """Read the data, and say what the scores cost, and what they are worth where the images are grey."""
        extractor = weights_of(self.inception_weights)
        data = super().load(cache)
        truth = dataclasses.replace(data.truth, extractor=reading(extractor, self.image))
        return dataclasses.replace(data, truth=truth, notes=(*data.notes, *self._notes(len(truth.reference))))

    def _notes(self, reference: int) -> list[str]:
        samples = max(self.evaluators[name] for name in ON_FEATURES)
        notes = [
            f"{self.name}: the Inception network takes about {SECONDS} s of a processor core for an image, and sees "
            f"{reference:,} images once and {samples:,} of each run."
        ]
        channels, height, width = self.image
        if channels == 1:
            notes.append(
                f"{self.name}: it learned from colour photographs of 299x299 pixels, so fid, is and kid of grey "
                f"{height}x{width} images rank models poorly; what judges them without these weights says more."
            )
        return notes


def no_classifier(images: Tensor, labels: Tensor, cache: Path | None, held_out: tuple[Tensor, Tensor] | None) -> None:
    """Train no classifier, for nobody would ask it."""


@dataclass(frozen=True)
class DigitsOnInception(OnInception, Digits):
    """Digits judged by the FID Inception network."""

    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(Digits, 1_000)
    headline: ClassVar[tuple[str, ...]] = headline_of(Digits)


@dataclass(frozen=True)
class MnistOnInception(OnInception, Mnist):
    """MNIST judged by the FID Inception network."""

    extract: ClassVar[Classifying] = staticmethod(no_classifier)
    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(Mnist)
    headline: ClassVar[tuple[str, ...]] = headline_of(Mnist)


@dataclass(frozen=True)
class FashionMnistOnInception(OnInception, FashionMnist):
    """Fashion-MNIST judged by the FID Inception network."""

    extract: ClassVar[Classifying] = staticmethod(no_classifier)
    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(FashionMnist)
    headline: ClassVar[tuple[str, ...]] = headline_of(FashionMnist)


@dataclass(frozen=True)
class Cifar10OnInception(OnInception, Cifar10):
    """CIFAR-10 judged by the FID Inception network."""

    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(Cifar10)
    headline: ClassVar[tuple[str, ...]] = headline_of(Cifar10)


@dataclass(frozen=True)
class CelebAOnInception(OnInception, CelebA):
    """CelebA judged by the FID Inception network."""

    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(CelebA)
    headline: ClassVar[tuple[str, ...]] = headline_of(CelebA)


@dataclass(frozen=True)
class TfdOnInception(OnInception, Tfd):
    """The Toronto Face Database judged by the FID Inception network."""

    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(Tfd)
    headline: ClassVar[tuple[str, ...]] = headline_of(Tfd)


@dataclass(frozen=True)
class FolderOnInception(OnInception, Folder):
    """A folder of images judged by the FID Inception network."""

    evaluators: ClassVar[Mapping[str, int]] = evaluators_of(Folder)
    headline: ClassVar[tuple[str, ...]] = headline_of(Folder)


JUDGED: dict[type[Problem], type[OnInception]] = {
    CelebA: CelebAOnInception,
    Cifar10: Cifar10OnInception,
    Digits: DigitsOnInception,
    FashionMnist: FashionMnistOnInception,
    Folder: FolderOnInception,
    Mnist: MnistOnInception,
    Tfd: TfdOnInception,
}


def on_inception(problem: Problem, weights: Path) -> Problem:
    """Return the problem judged by the FID Inception network of a weights file; UserError where it cannot be."""
    kind = JUDGED.get(type(problem))
    if kind is None:
        raise UserError(
            f"The Inception weights do not apply to the problem {shown(problem.name)}; "
            "they do to celeba, cifar10, digits, fashion-mnist, folder:PATH, mnist and tfd."
        )
    own = {field.name: getattr(problem, field.name) for field in dataclasses.fields(problem)}
    return kind(**own, inception_weights=weights)
