"""Problems of images scored by the FID Inception network instead of their own frozen classifiers and block means.

The weights are the user's file, its hash checked by the extractor; so these metrics, and only these, are called `fid`,
`is` and `kid`. Digits are read as grey images of 8x8 pixels. Stacked MNIST is left out: single digits name its modes.
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
from evaluators import InvalidSamples, inception_extractor
from evaluators.truth import Extractor
from objectives.foundation.names import quote

COLOURS = 3
SECONDS = 0.2  # seen on a server's core
ON_FEATURES = ("frechet", "inception", "kernel")
PUBLISHED = ("fid", "is", "kid")
SAMPLES = 10_000  # unless the problem's own Fréchet distance takes another number


def load_network(path: Path) -> Extractor:
    """Load the network; a file that is not there or not the published one is the user's mistake."""
    try:
        return inception_extractor(path)
    except InvalidSamples as error:
        raise UserError(f"Cannot use the Inception {error}.") from error
    except OSError as error:
        raise UserError(f"Cannot read the Inception weights {quote(str(path))}: {error.strerror}.") from error


def extract(weights: Path, shape: Shape, data: Data, cache: Path) -> Extractor:
    """Return the network on samples [N, *data] as colour images [N, 3, H, W] of a shape (C, H, W); grey is repeated."""
    network = load_network(weights)
    assert network.probabilities is not None

    def reading(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        return lambda samples: function(samples.reshape(-1, *shape).expand(-1, COLOURS, -1, -1))

    return dataclasses.replace(
        network, features=reading(network.features), probabilities=reading(network.probabilities)
    )


def on_inception(problem: Problem, weights: Path) -> Problem:
    """Return the problem scored by the FID Inception network of a weights file; UserError where it cannot be."""
    shape = problem.source.image
    if shape is None or problem.source.stack > 1:
        raise UserError(
            f"The Inception weights do not apply to the problem {quote(problem.name)}, whose samples are no single "
            "images; they do to celeba, cifar10, digits, fashion-mnist, folder:PATH, mnist and tfd."
        )
    own = problem.judging
    samples = own.evaluators.get("frechet", SAMPLES)
    judging = Judging(
        dict.fromkeys(ON_FEATURES, samples)
        | {name: n for name, n in own.evaluators.items() if name not in ON_FEATURES},
        headline=(*PUBLISHED, *(metric for metric in own.headline if "-" not in metric)),
        further=own.further,
        extractor=partial(extract, weights, shape),
        notes=_notes(shape, samples),
    )
    return dataclasses.replace(problem, judging=judging)


def _notes(shape: Shape, samples: int) -> tuple[str, ...]:
    """Say what the scores cost, and what they are worth where the images are grey."""
    cost = (
        f"the Inception network takes about {SECONDS} s of a processor core for an image, and sees the held-out images "
        f"once and {samples:,} images of each run."
    )
    channels, height, width = shape
    if channels > 1:
        return (cost,)
    worth = (
        f"the network learned from colour photographs of 299x299 pixels, so fid, is and kid of grey {height}x{width} "
        "images rank models poorly; the scores without these weights say more."
    )
    return cost, worth
