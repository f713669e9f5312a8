"""Data that several test files share: trained once for the session."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits

from evaluators import Truth, digits_extractor
from evaluators.checks import UNIT
from evaluators.truth import Extractor
from tests.evaluators.builders import draw, ring


@pytest.fixture(scope="session")
def digit_images():
    """Scikit-learn's digits in a fixed random order: images [1797, 1, 8, 8] in [0, 1] and labels [1797]."""
    images, labels = load_digits(return_X_y=True)
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(5))
    return (torch.tensor(images).reshape(-1, 1, 8, 8) / 16.0)[order], torch.tensor(labels).long()[order]


@pytest.fixture(scope="session")
def digits(digit_images) -> Extractor:
    """The digit extractor, trained on the first 1,097 images, its accuracy on the last 500."""
    images, labels = digit_images
    return digits_extractor(images[:1097], labels[:1097], held_out=(images[-500:], labels[-500:]))


@pytest.fixture(scope="session")
def truths(digits, digit_images):
    """One truth per kind of data, with samples: all that the ring, digits and stacked digits can know."""
    images = digit_images[0]
    modes = ring(0.05)

    def log_density(x):
        law = torch.distributions.Normal(modes.centres.to(x.device), torch.tensor(modes.std).to(x.device))
        weights = torch.distributions.Categorical(modes.weights.to(x.device))
        mixture = torch.distributions.MixtureSameFamily(weights, torch.distributions.Independent(law, 1))
        return mixture.log_prob(x.double())

    on_ring = Truth(
        reference=draw(modes, 520, 1),
        validation=draw(modes, 100, 2),
        training=draw(modes, 300, 3),
        modes=modes,
        log_density=log_density,
        sampler=lambda n, generator: draw(modes, n, int(torch.randint(10**6, (), generator=generator))),
    )
    on_digits = Truth(
        reference=images[-300:], validation=images[1097:1297], training=images[:600], extractor=digits, limits=UNIT
    )
    stacks = images[:900].reshape(300, 3, 8, 8)
    on_stacks = Truth(reference=stacks[:200], extractor=digits, limits=UNIT)
    return {
        "ring": (draw(modes, 510, 4), on_ring),
        "digits": (images[600:850], on_digits),
        "stacks": (stacks[200:], on_stacks),
    }
