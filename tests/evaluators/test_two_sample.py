"""The classifier two-sample test at its two known values."""

from __future__ import annotations

import pytest
import torch

from evaluators import InvalidSamples, classifier_two_sample
from tests.evaluators.builders import normal, seeded


def test_equal_distributions_are_a_coin():
    """Over 60 pairs the mean accuracy lies within 4 standard errors of one half."""
    values = torch.tensor(
        [classifier_two_sample(normal(200, 3, i), normal(150, 3, i + 900), seeded(i)).value for i in range(60)]
    )
    assert abs(float(values.mean()) - 0.5) < 4.0 * float(values.std()) / 60**0.5


def test_disjoint_sets_are_told_apart_always():
    """The upper bound 1."""
    found = classifier_two_sample(normal(50, 3), normal(50, 3, 1) + 100.0, seeded())
    assert (found.value, found.standard_error) == (1.0, 0.0)


def test_copies_of_one_set_are_a_coin_too():
    """Ties between equal points favour neither set."""
    x = normal(20, 2).repeat(20, 1)
    assert classifier_two_sample(x, x, seeded()).value == pytest.approx(0.5, abs=0.12)


def test_an_even_number_of_votes_is_refused():
    """K must be odd and smaller than the examples."""
    with pytest.raises(InvalidSamples, match=r"must be odd.*got 4"):
        classifier_two_sample(normal(20, 2), normal(20, 2), seeded(), k=4)
    with pytest.raises(InvalidSamples, match="k must be odd and at most 4"):
        classifier_two_sample(normal(5, 2), normal(5, 2), seeded())
