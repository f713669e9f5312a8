"""Labels of problems: they belong to the samples they stand beside, in training data, reference and selection."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from benchmark.errors import UserError
from benchmark.problems import PROBLEMS, from_arrays, from_samples
from tests.benchmark.data_builders import small_images, small_photographs

MIXTURES = ("gaussian1d", "grid", "grid-unbalanced", "high-dim", "ring", "ring-wide")
LABELLED = {*MIXTURES, "cifar10", "digits", "fashion-mnist", "mnist", "stacked-mnist"}


@pytest.fixture(autouse=True)
def files(monkeypatch, tmp_path):
    """Let problems of files read a few made-up ones."""
    small_images(monkeypatch, tmp_path)
    small_photographs(monkeypatch, tmp_path)


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_sample_has_its_label(name, tmp_path):
    """As many labels as rows, of the classes that there are; problems without classes have none."""
    problem = PROBLEMS[name]
    data = problem.load(tmp_path)
    assert (data.labels is not None) == (name in LABELLED)
    for part in (data, problem.selection(data)) if data.labels is not None else ():
        labels = part.labels
        assert (len(labels.training), len(labels.reference)) == (len(part.training), len(part.truth.reference))
        assert 0 <= int(labels.training.min()) <= int(labels.training.max()) < labels.classes
        assert float(labels.shares.sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixtures_label_is_its_nearest_mode(name, tmp_path):
    """Almost every point lies nearest to the centre that its label names, and shares are the modes' weights."""
    data = PROBLEMS[name].load(tmp_path)
    centres = data.truth.modes.centres.float()
    nearest = torch.cdist(data.truth.reference, centres).argmin(1)
    assert float((nearest == data.labels.reference).double().mean()) > 0.99
    assert torch.allclose(data.labels.shares, data.truth.modes.weights, atol=0.01)


@pytest.mark.parametrize("part", ["data", "selection"])
def test_digits_can_be_told_by_their_labels(part, tmp_path):
    """A linear classifier of the training images finds nine in ten of the held-out labels."""
    problem = PROBLEMS["digits"]
    data = problem.load(tmp_path)
    data = data if part == "data" else problem.selection(data)
    model = LogisticRegression(max_iter=200).fit(data.training, data.labels.training)
    assert model.score(data.truth.reference, data.labels.reference) > 0.9


def test_a_stacks_label_is_its_three_digits(tmp_path):
    """The label of a held-out stack names the digits of its channels in order."""
    data = PROBLEMS["stacked-mnist"].load(tmp_path)
    known = {
        image.numpy().tobytes(): int(label)
        for image, label in zip(data.classes.test.samples, data.classes.test.labels, strict=True)
    }
    for stack, label in zip(data.truth.reference[:50], data.labels.reference[:50], strict=True):
        first, second, third = (known[channel.numpy().tobytes()] for channel in stack[:, None])
        assert label == 100 * first + 10 * second + third


def test_a_users_labels_follow_their_samples():
    """After the split each label still stands beside its sample; any whole numbers become classes."""
    samples = np.arange(60.0)[:, None]
    data = from_samples(samples, labels=np.arange(60) % 3 * 10 - 7).source.data
    assert data.labels.classes == 3
    assert torch.equal(data.labels.training, data.training[:, 0].long() % 3)
    assert torch.equal(data.labels.reference, data.truth.reference[:, 0].long() % 3)
    parts = {"train": samples, "test": samples[:9] + 0.5, "train_labels": np.arange(60) % 2, "test_labels": [1] * 9}
    assert from_arrays(parts).source.data.labels.reference.tolist() == [1] * 9


@pytest.mark.parametrize(
    ("labels", "said"),
    [([0] * 59, r"each of 60 samples.*\[59\]"), ([0.5] * 60, "float64"), ([[1]] * 60, r"\[60, 1\]")],
    ids=["few", "floats", "columns"],
)
def test_labels_that_are_none_are_one_sentence(labels, said):
    """The number of samples and the form of the labels are named."""
    with pytest.raises(UserError, match=said):
        from_samples(np.zeros((60, 2)), labels=labels)
    with pytest.raises(UserError, match="only 'train_labels'"):
        from_arrays({"train": np.zeros((60, 2)), "test": np.ones((60, 2)), "train_labels": [0] * 60})
