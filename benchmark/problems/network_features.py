"""Problems of images scored on a published network's features instead of their own frozen classifiers and block means.

The weights are the user's file, checked by the extractor, so that only on the FID Inception network are metrics called
`fid`, `is` and `kid`, and only on CLIP `cmmd`. Digits are read as grey images of 8x8 pixels. Stacked MNIST is left out:
single digits name its modes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path

from torch import Tensor

from benchmark.errors import UserError
from benchmark.networks import Shape
from benchmark.problems.base import Problem
from benchmark.problems.data import Data
from benchmark.problems.judging import Judging
from evaluators import InvalidSamples, network_extractor
from evaluators.features import NETWORKS
from evaluators.guard import CLIP, INCEPTION
from evaluators.truth import Extractor
from objectives.foundation.names import quote, unknown_name

COLOURS = 3
SECONDS = 0.2  # of Inception, seen on a server's core
ON_FEATURES = ("frechet", "inception", "kernel")
SAMPLES = 10_000  # unless the problem's own Fréchet distance takes another number


@dataclasses.dataclass(frozen=True)
class NetworkFile:
    """A network by its name, and the file of its weights."""

    name: str
    weights: Path


def network_file(
    features: str | None, weights: Path | None, inception_weights: Path | None = None, others: bool = False
) -> NetworkFile | None:
    """Return the network that options ask for; `others` allows features that have no weights.

    Raises UserError for a network without weights, weights without a network, and a name that is not known.
    """
    if inception_weights is not None:
        if weights is not None:
            raise UserError("--inception-weights is --features inception --weights; give one of the two.")
        if features in (None, INCEPTION) or others:
            return NetworkFile(INCEPTION, inception_weights)
        raise UserError(f"--inception-weights are for the features inception, not {quote(features)}.")
    if features is None:
        if weights is not None:
            raise UserError(f"Name the network of these weights with --features, one of {', '.join(NETWORKS)}.")
        return None
    if features in NETWORKS:
        if weights is None:
            raise UserError(f"The features {quote(features)} need the weights of their network; add --weights FILE.")
        return NetworkFile(features, weights)
    if others and weights is None:
        return None
    raise unknown_name("network", features, NETWORKS)


def load_network(file: NetworkFile) -> Extractor:
    """Load a network; raises UserError if its file is missing or does not contain it."""
    try:
        return network_extractor(file.name, file.weights)
    except InvalidSamples as error:
        raise UserError(f"{error}.") from error
    except OSError as error:
        raise UserError(f"Cannot read the {file.name} weights {quote(file.weights)}: {error.strerror}.") from error


def extract(file: NetworkFile, shape: Shape, data: Data, cache: Path) -> Extractor:
    """Return the network on samples [N, *data] as colour images [N, 3, H, W] of a shape (C, H, W); grey is repeated."""
    network = load_network(file)

    def reading(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        return lambda samples: function(samples.reshape(-1, *shape).expand(-1, COLOURS, -1, -1))

    classes = network.probabilities
    return dataclasses.replace(
        network, features=reading(network.features), probabilities=None if classes is None else reading(classes)
    )


def on_network(problem: Problem, file: NetworkFile) -> Problem:
    """Return the problem scored on the features of a network; UserError where it cannot be."""
    shape = problem.source.image
    if shape is None or problem.source.stack > 1:
        raise UserError(
            f"The features of {file.name} do not apply to the problem {quote(problem.name)}, whose "
            "samples are not single images; they apply to celeba, cifar10, digits, fashion-mnist, folder:PATH, mnist "
            "and tfd."
        )
    own = problem.judging
    samples = own.evaluators.get("frechet", SAMPLES)
    names, published = _judged_on(file.name)
    judging = Judging(
        dict.fromkeys(names, samples) | {name: n for name, n in own.evaluators.items() if name not in ON_FEATURES},
        headline=(*published, *(metric for metric in own.headline if "-" not in metric)),
        further=own.further,
        extractor=partial(extract, file, shape),
        notes=_notes(file.name, shape, samples),
    )
    return dataclasses.replace(problem, judging=judging)


def _judged_on(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the evaluators on a network's features, and their columns."""
    if name == INCEPTION:
        return ON_FEATURES, ("fid", "is", "kid")
    if name == CLIP:
        return ("cmmd", "frechet", "kernel"), ("cmmd", f"fd-{name}", f"kid-{name}")
    return ("frechet", "kernel"), (f"fd-{name}", f"kid-{name}")


def _notes(name: str, shape: Shape, samples: int) -> tuple[str, ...]:
    """Say what the scores cost, and what they are worth where the images are grey."""
    seconds = f"takes about {SECONDS} s of a CPU core per image, and " if name == INCEPTION else ""
    cost = f"the {name} network {seconds}sees the held-out images once and {samples:,} images of each run."
    channels, height, width = shape
    if channels > 1:
        return (cost,)
    worth = (
        f"the network was trained on large colour photographs: its scores of grey {height}x{width} images rank models "
        "poorly; the scores without these weights say more."
    )
    return cost, worth
