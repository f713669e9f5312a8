"""Scores within classes, by hand."""

from __future__ import annotations

import pytest
import torch

from evaluators import EVALUATORS, Modes, Truth, frechet_distance
from evaluators.classes import classes_of, label_accuracy
from tests.evaluators.builders import normal, seeded

CENTRES = torch.tensor([[0.0, 0.0], [10.0, 0.0]])
MODES = Modes(CENTRES, 1.0, torch.tensor([0.5, 0.5]))


def points(*counts, seed=0):
    """Draw so many points around each centre."""
    drawn = normal(sum(counts), 2, seed=seed)
    return drawn + CENTRES.double()[torch.repeat_interleave(torch.arange(2), torch.tensor(counts))]


def test_each_class_is_compared_with_its_own():
    """Swapping the classes' widths is invisible to no class; a share of the classes is, which FD as a whole sees."""
    reference, samples = points(200, 200), points(300, 100, seed=1)
    found = EVALUATORS["classes"].run(samples, Truth(reference=reference, modes=MODES), seeded())
    by_hand = [
        frechet_distance(samples[:300], reference[:200]),
        frechet_distance(samples[300:], reference[200:]),
    ]
    assert found.scores["fd_within"].value == pytest.approx(sum(by_hand) / 2)
    assert frechet_distance(samples, reference) > 2 * found.scores["fd_within"].value


def test_a_class_without_samples_is_told():
    """A collapsed generator has no distance within the class that it lacks."""
    truth = Truth(reference=points(40, 40), modes=MODES)
    found = EVALUATORS["classes"].run(points(80, 0), truth, seeded())
    assert "class 1 has 0 samples" in found.absent["fd_within"]


def test_accuracy_counts_the_labels_that_were_met():
    """Three of four samples lie at the mode that was asked for."""
    truth = Truth(reference=points(20, 20), modes=MODES)
    samples = CENTRES[[0, 1, 1, 0]]
    assert classes_of(samples, truth).tolist() == [0, 1, 1, 0]
    assert label_accuracy(samples, torch.tensor([0, 1, 1, 1]), truth).value == 0.75


def test_a_truth_without_classes_is_told():
    """No classifier and no modes: absent with a reason."""
    found = EVALUATORS["classes"].run(points(40, 0), Truth(reference=points(40, 0)), seeded())
    assert "no classifier and no modes" in found.absent["fd_within"]
