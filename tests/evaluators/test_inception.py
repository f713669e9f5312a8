"""Inception-type score against closed forms and torch-fidelity."""

from __future__ import annotations

import pytest
import torch

from evaluators import InvalidSamples, inception_score, inception_score_splits
from evaluators.subsets import shuffled
from tests.evaluators.builders import normal, seeded


def one_hot(n, classes):
    """Certain predictions, the classes taking turns."""
    return torch.eye(classes, dtype=torch.float64)[torch.arange(n) % classes]


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_certain_and_balanced_is_the_number_of_classes(classes):
    """The upper bound C is reached by certain predictions, equally often of every class."""
    assert inception_score(one_hot(2 * classes, classes)).value == pytest.approx(classes)


def test_equal_predictions_score_one():
    """The lower bound: a classifier that says the same of every sample, sure or not."""
    same = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64).repeat(30, 1)
    assert inception_score(same).value == pytest.approx(1.0, abs=1e-12)
    assert inception_score(one_hot(1, 3).repeat(30, 1)).value == 1.0


def test_torch_fidelity_agrees():
    """Oracle: torch-fidelity on the same logits, ten splits; it shows the population deviation of the splits."""
    from torch_fidelity.metric_isc import isc_features_to_metric

    logits = 3.0 * normal(1005, 10)
    oracle = isc_features_to_metric(shuffled(logits, seeded()), splits=10, shuffle=False)
    found = inception_score_splits(logits.softmax(1), seeded())
    assert found.value == pytest.approx(oracle["inception_score_mean"], rel=1e-12)
    assert found.standard_error * 3.0 == pytest.approx(oracle["inception_score_std"], rel=1e-10)  # √10 √(9/10)


def test_the_standard_error_covers_the_scatter():
    """Over 200 draws the deviation of the score matches its mean standard error."""
    scores = [inception_score((2.0 * normal(400, 10, seed)).softmax(1)) for seed in range(200)]
    values = torch.tensor([score.value for score in scores])
    errors = torch.tensor([score.standard_error for score in scores])
    assert float(values.std()) == pytest.approx(float(errors.mean()), rel=0.2)


@pytest.mark.parametrize("n", [5, 10, 19])
def test_splits_of_fewer_than_two_are_refused(n):
    """Torch-fidelity answers NaN below one a split, and at one a split 1 whatever the images show."""
    with pytest.raises(InvalidSamples, match=f"has {n} samples, too few for 10 splits of at least 2"):
        inception_score_splits(one_hot(n, 3), seeded())


def test_samples_saved_class_by_class_score_as_shuffled_ones():
    """Ten classes one after another: consecutive splits would hold one class each, and score 1."""
    rows = one_hot(10, 10).repeat_interleave(50, 0)
    assert inception_score_splits(rows, seeded()).value > 8.0


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (torch.rand(9, 4, generator=seeded()) + 1.0, "must be probabilities"),
        (torch.ones(9, 1), "at least 2 classes, got 1"),
        (one_hot(9, 3) * 2 - 1 / 3, "must be probabilities"),
        (one_hot(1, 3), "has 1 samples; at least 2"),
    ],
)
def test_rows_that_are_no_probabilities_are_refused(rows, words):
    """Logits or single samples are errors, never a number."""
    with pytest.raises(InvalidSamples, match=words):
        inception_score(rows)
