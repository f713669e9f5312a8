"""Stacked digits: what a classifier's errors do to the count of modes, and what the threshold does to that."""

from __future__ import annotations

import math

import pytest
import torch

from evaluators import EVALUATORS, Truth
from evaluators.stacked import QUARTER, count_modes
from evaluators.truth import Extractor
from tests.evaluators.builders import seeded


def noisy_labels(modes, n, error, seed):
    """Labels of samples from some of 1,000 modes, each digit misread with this probability."""
    generator = seeded(seed)
    chosen = torch.randperm(1000, generator=generator)[:modes]
    labels = chosen[torch.randint(modes, (n,), generator=generator)]
    digits = torch.stack([labels // 100, labels // 10 % 10, labels % 10], 1)
    wrong = torch.rand(n, 3, generator=generator) < error
    moved = (digits + torch.randint(1, 10, (n, 3), generator=generator)) % 10
    digits = torch.where(wrong, moved, digits)
    return digits[:, 0] * 100 + digits[:, 1] * 10 + digits[:, 2]


@pytest.mark.parametrize("error", [0.0, 0.005, 0.01])
def test_the_threshold_counts_true_modes_where_one_sample_invents_them(error):
    """100 true modes in 26,000 samples: at 25 % of expected 100 are found; at one sample, hundreds from 0.5 % on."""
    labels = noisy_labels(100, 26_000, error, 3)
    assert count_modes(labels, 1000, QUARTER) == 100
    assert count_modes(labels, 1000, 0.0) == 100 if error == 0.0 else count_modes(labels, 1000, 0.0) > 300


def test_a_perfect_generator_fills_the_threshold():
    """All 1,000 modes are found at either threshold, with the classifier at 1 % error."""
    labels = noisy_labels(1000, 26_000, 0.01, 4)
    assert count_modes(labels, 1000, QUARTER) == count_modes(labels, 1000, 0.0) == 1000


def stripes():
    """A classifier of 2x5 images whose brightest pixel is the class."""
    return Extractor("stripes", "0", lambda x: x.flatten(1), lambda x: (100.0 * x.flatten(1).double()).softmax(1))


def test_channels_are_classified_one_by_one():
    """Images of known digits: as many modes as distinct triples, and the KL of that many equal ones."""
    digits = torch.tensor([[1, 2, 3], [3, 2, 1], [9, 9, 9], [1, 2, 3]])
    images = torch.eye(10)[digits].reshape(4, 3, 2, 5).repeat(5, 1, 1, 1)
    found = EVALUATORS["stacked"].run(images, Truth(reference=images, extractor=stripes()), seeded())
    assert found.scores["stacked_modes-stripes"].value == 3
    p = torch.tensor([0.5, 0.25, 0.25])
    assert found.scores["stacked_reverse_kl-stripes"].value == pytest.approx(float((p * (p * 1000).log()).sum()))
    assert found.protocol["n_modes"] == 1000


def test_a_single_mode_reaches_the_bound():
    """One mode of 1,000: KL log 1000."""
    images = torch.eye(10)[torch.tensor([[1, 2, 3]] * 50)].reshape(50, 3, 2, 5)
    found = EVALUATORS["stacked"].run(images, Truth(reference=images, extractor=stripes()), seeded())
    assert found.scores["stacked_reverse_kl-stripes"].value == pytest.approx(math.log(1000))


def test_grey_images_are_absences_that_say_what_is_needed():
    """One channel cannot be stacked."""
    images = torch.zeros(25, 1, 2, 5)
    found = EVALUATORS["stacked"].run(images, Truth(reference=images, extractor=stripes()), seeded())
    assert not found.scores
    assert "[N, 3, H, W], got [25, 1, 2, 5]" in found.absent["stacked_modes-stripes"]
