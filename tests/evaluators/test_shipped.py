"""The classifiers that come with the package: they are what their recipes give, and are trained nowhere."""

from __future__ import annotations

import dataclasses
from importlib.resources import files

import pytest
import torch

from benchmark.errors import UserError
from benchmark.problems import PROBLEMS
from evaluators import digits_extractor
from evaluators.features import cache
from evaluators.features.classifier import checked_training_set, fingerprint, train
from evaluators.features.digest import data_digest
from evaluators.features.digits import DIGITS
from evaluators.features.mnist import FASHION, MNIST
from evaluators.features.shipped import read, recipe_hash, shipped, write

RECIPES = {"digits": DIGITS, "fashion-mnist": FASHION, "mnist": MNIST}
LARGEST = 2_000_000  # bytes of all together


def classes_of(name, folder):
    """Return the images and labels of a problem, where they are at hand."""
    try:
        return PROBLEMS[name].source.load(folder, None).classes
    except UserError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_shipped_classifier_states_what_it_is(name):
    """Recipe, fingerprint and accuracy stand with the weights, and are theirs."""
    found = shipped(RECIPES[name])
    assert found is not None
    assert found.facts.recipe == recipe_hash(RECIPES[name])
    assert found.facts.fingerprint == fingerprint(RECIPES[name], found.weights)
    assert 0.85 < found.facts.accuracy < 1.0
    assert shipped(dataclasses.replace(RECIPES[name], steps=7)) is None


def test_they_are_small():
    """A wheel with all of them stays one that is fetched in a second."""
    sizes = [path.stat().st_size for path in (files("evaluators.features") / "weights").iterdir()]
    assert len(sizes) == len(RECIPES)
    assert sum(sizes) < LARGEST


def test_what_is_shipped_is_trained_nowhere(tmp_path, monkeypatch):
    """The bundled digits have their classifier at once, cache or none; its accuracy is the one that was measured."""
    monkeypatch.setattr(cache, "train", None)
    classes = classes_of("digits", tmp_path)
    extractor = digits_extractor(*classes.training, held_out=classes.test)
    facts = shipped(DIGITS).facts
    assert (extractor.fingerprint, extractor.accuracy) == (facts.fingerprint, facts.accuracy)
    model = extractor.features.__self__
    again = dataclasses.replace(model, tested=None).accuracy(*classes.test)
    assert again == pytest.approx(facts.accuracy)
    assert not list(tmp_path.iterdir())


def test_other_data_are_other_classifiers(tmp_path):
    """One label more or less, and the classifier is trained on the caller's data."""
    images, labels = classes_of("digits", tmp_path).training
    other = digits_extractor(images[:-1], labels[:-1])
    assert other.fingerprint != shipped(DIGITS).facts.fingerprint


def test_a_digest_knows_images_in_any_type():
    """Bytes, single and double precision, flat or not: one digest; one pixel or one label else: another."""
    whole = torch.randint(256, (30, 1, 4, 4), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    labels = torch.arange(30) % 10
    known = data_digest(whole, labels)
    assert known == data_digest(whole.float() / 255.0, labels) == data_digest(whole.flatten(1).double() / 255.0, labels)
    assert known != data_digest(whole, labels.roll(1))
    whole[3, 0, 1, 2] ^= 1
    assert known != data_digest(whole, labels)


def test_weights_are_kept_to_the_bit(tmp_path):
    """Whole numbers of 2⁻²⁰ go into the file and come out."""
    found = shipped(DIGITS)
    write(tmp_path / "again.npz", DIGITS, found.weights, found.facts.training, found.facts.test, found.facts.accuracy)
    again = read(tmp_path / "again.npz")
    assert again.facts == found.facts
    assert all(torch.equal(again.weights[name], value) for name, value in found.weights.items())


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_training_gives_them_again(name, tmp_path):
    """The recipe, on the data of the stated digest, leads to the same weights and the same accuracy."""
    classes = classes_of(name, tmp_path)
    found, recipe = shipped(RECIPES[name]), RECIPES[name]
    assert data_digest(*classes.training) == found.facts.training
    weights = train(recipe, *checked_training_set(recipe, *classes.training))
    assert fingerprint(recipe, weights) == found.facts.fingerprint
