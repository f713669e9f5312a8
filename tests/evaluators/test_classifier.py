"""The frozen classifiers: deterministic, cached, hashed, verified."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from evaluators import InvalidSamples, digits_extractor
from evaluators.features.cache import classifier, store, stored
from evaluators.features.classifier import Classifier, fingerprint, train
from evaluators.features.digits import DIGITS
from evaluators.features.memory import REMEMBERED

SHORT = dataclasses.replace(DIGITS, steps=30)


def test_the_digit_classifier_is_accurate(digits, digit_images):
    """At least 95 % of 500 held-out images, on 32 features of full rank."""
    assert digits.accuracy >= 0.95
    features = digits.features(digit_images[0][-500:])
    assert features.shape == (500, 32)
    assert features.dtype == torch.float64
    assert int(torch.linalg.matrix_rank(torch.cov(features.T))) == 32
    torch.testing.assert_close(digits.probabilities(digit_images[0][:9]).sum(1), torch.ones(9, dtype=torch.float64))


def test_the_hash_does_not_depend_on_the_order_of_summation(digits, digit_images):
    """Images in another order, on two threads: other rounding in every sum, and the same weights to the bit."""
    images, labels = digit_images[0][:1097], digit_images[1][:1097]
    order = torch.randperm(1097, generator=torch.Generator().manual_seed(1))
    assert digits_extractor(images[order], labels[order]).fingerprint == digits.fingerprint


def test_single_and_double_precision_images_train_one_classifier():
    """Bytes over 255 differ in the eighth digit between the two, which must not reach the hash."""
    levels = torch.arange(256).reshape(4, 64) / torch.tensor(255.0)
    exact = torch.arange(256).reshape(4, 64).double() / 255.0
    assert not torch.equal(levels.double(), exact)
    prints = [digits_extractor(images, torch.arange(4)).fingerprint for images in (levels, exact)]
    assert prints[0] == prints[1]


def test_the_hash_knows_weights_and_transform():
    """Another weight, or another transform of the input, is another fingerprint."""
    weights = train(SHORT, torch.rand(20, 1, 8, 8), torch.arange(20) % 10)
    before = fingerprint(SHORT, weights)
    assert fingerprint(dataclasses.replace(SHORT, transform="x"), weights) != before
    weights["last.bias"][0] += 2.0**-20
    assert fingerprint(SHORT, weights) != before


def test_training_gives_the_threads_back(digit_images):
    """The recipe runs on one thread and leaves the caller's number."""
    before = torch.get_num_threads()
    train(SHORT, digit_images[0][:50], digit_images[1][:50])
    assert torch.get_num_threads() == before


def test_the_cache_is_read_and_a_damaged_file_is_trained_anew(tmp_path, digit_images, monkeypatch):
    """The second call trains nothing; a damaged or a tampered file is replaced."""
    images, labels = digit_images[0][:200], digit_images[1][:200]
    first = classifier(SHORT, images, labels, tmp_path)
    (path,) = tmp_path.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr("evaluators.features.cache.train", None)
        again = classifier(SHORT, images.flatten(1), labels, tmp_path)
    assert fingerprint(SHORT, again.weights) == fingerprint(SHORT, first.weights)

    path.write_bytes(path.read_bytes()[:-100])
    assert stored(path, SHORT) is None
    classifier(SHORT, images, labels, tmp_path)
    assert stored(path, SHORT) is not None

    content = torch.load(path, weights_only=True)
    content["weights"]["last.bias"][0] += 1.0
    torch.save(content, path)
    assert stored(path, SHORT) is None
    assert [p.suffix for p in tmp_path.iterdir()] == [".pt"]


def test_a_set_of_images_is_classified_once(digit_images):
    """Features and probabilities of one set ask the network once; what a caller does to an answer stays with him."""
    images, labels = digit_images[0][:200], digit_images[1][:200]
    asked = []

    def counted(weights, block):
        asked.append(len(block))
        return SHORT.network(weights, block)

    model = classifier(dataclasses.replace(SHORT, network=counted), images, labels)
    asked.clear()
    model.features(images).zero_()
    features, probabilities = model.features(images), model.probabilities(images)
    assert sum(asked) == 200
    assert float(features.abs().sum()) > 0
    assert torch.allclose(probabilities.sum(1), torch.ones(200, dtype=torch.float64))
    for shift in range(REMEMBERED):  # as many other sets push the first one out
        model.features(images.roll(shift + 1, 0))
    assert len(model.memory.known) == REMEMBERED
    model.features(images)
    assert sum(asked) == 200 * (REMEMBERED + 2)


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    """An error while writing removes the temporary file."""

    def fail(*_):
        raise OSError("no space")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="no space"):
        store(tmp_path / "weights.pt", SHORT, {"x": torch.zeros(2)})
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_costs_no_classifier(tmp_path, digit_images, caplog):
    """It is trained and used, and one sentence says why the next command will train it again."""
    images, labels = digit_images[0][:200], digit_images[1][:200]
    occupied = tmp_path / "cache"
    occupied.write_text("a file where the directory should be")
    here = classifier(SHORT, images, labels, occupied)
    assert fingerprint(SHORT, here.weights) == fingerprint(SHORT, classifier(SHORT, images, labels).weights)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"The classifier {SHORT.name} was trained but could not be saved, so the next command trains it again"
    ]


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (
            torch.rand(5, 7),
            torch.zeros(5),
            r"shape \[N, 7\] but what extractor digits takes \[N, 1, 8, 8\]",
        ),
        (torch.rand(5, 64), torch.zeros(4), r"labels must have shape \[5\] as images do, got \[4\]"),
        (torch.rand(5, 64), torch.full((5,), 10), r"labels must be in 0 .. 9, got 10 .. 10"),
        (torch.rand(5, 64) * 16, torch.zeros(5), r"images must be in \[0, 1\]"),
    ],
)
def test_a_wrong_training_set_is_named(images, labels, words):
    """Shape, labels and range are checked before any training."""
    with pytest.raises(InvalidSamples, match=words):
        digits_extractor(images, labels)


def test_features_come_back_in_float64_from_any_float(digits, digit_images):
    """Half, single and double images give double features of the same numbers."""
    images = digit_images[0][:20]
    for dtype in (torch.float16, torch.float32):
        torch.testing.assert_close(digits.features(images.to(dtype)), digits.features(images))  # sixteenths are exact


def test_an_untrained_classifier_is_at_chance():
    """The initial weights know nothing: the accuracy is learnt, not built in."""
    weights = train(dataclasses.replace(DIGITS, steps=0), torch.rand(10, 1, 8, 8), torch.zeros(10).long())
    images = torch.rand(400, 64, generator=torch.Generator().manual_seed(2))
    assert Classifier(DIGITS, weights).accuracy(images, torch.arange(400) % 10) < 0.3
