"""Extractors: pixels, MNIST and Fashion-MNIST classifiers, the Inception network."""

from __future__ import annotations

import dataclasses
import gzip
import math
import os
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch

from evaluators import (
    EVALUATORS,
    InvalidSamples,
    Truth,
    fashion_extractor,
    frechet_distance,
    inception_extractor,
    inception_score_splits,
    mnist_extractor,
    pixels_extractor,
)
from evaluators.features import frozen, inception_network
from evaluators.features.cache import classifier
from evaluators.features.classifier import fingerprint
from evaluators.features.mnist import FASHION, MNIST, network
from evaluators.subsets import shuffled
from tests.evaluators.builders import normal, seeded, stub_inception

DATA = os.environ.get("GAN_BENCH_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="GAN_BENCH_DATA names no folder with MNIST/raw and FashionMNIST/raw")


def read(folder, name):
    """Read one IDX file, as bytes in a tensor."""
    content = gzip.decompress((Path(DATA) / folder / "raw" / f"{name}.gz").read_bytes())
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(content[3])]
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape).copy())


def images_and_labels(folder, part):
    """Return images [N, 1, 28, 28] in [0, 1] and labels [N]."""
    return read(folder, f"{part}-images-idx3-ubyte")[:, None] / 255.0, read(folder, f"{part}-labels-idx1-ubyte").long()


def test_pixels_are_the_samples_themselves():
    """Flattened, in float64, under a name and a fingerprint; it knows no classes, so IS is absent with that reason."""
    extractor = pixels_extractor()
    x = torch.rand(30, 1, 4, 4, generator=seeded())
    assert torch.equal(extractor.features(x), x.double().flatten(1))
    found = EVALUATORS["inception"].run(x, Truth(reference=x, extractor=extractor), seeded())
    assert found.absent["is-pixels"] == "the extractor 'pixels' has no classes"
    assert "fd-pixels" in EVALUATORS["frechet"].run(x, Truth(reference=x, extractor=extractor), seeded()).scores


@needs_data
def test_a_short_mnist_recipe_learns_and_repeats_under_other_rounding(tmp_path):
    """Trained on 3,000 images it reads test digits, and noise of 1e-14 in every logit leads to the same hash."""
    images, labels = images_and_labels("MNIST", "train")
    recipe = dataclasses.replace(MNIST, steps=90)
    found = classifier(recipe, images[:3000], labels[:3000], tmp_path)

    def shaken(weights, x):
        features, logits = network(weights, x)
        return features, logits * (1.0 + 1e-14 * torch.randn(logits.shape, dtype=torch.float64))

    other = classifier(dataclasses.replace(recipe, network=shaken), images[:3000], labels[:3000])
    assert fingerprint(recipe, found.weights) == fingerprint(recipe, other.weights)
    test = images_and_labels("MNIST", "t10k")
    assert found.accuracy(test[0][:1000], test[1][:1000]) > 0.9


@needs_data
@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("build", "folder", "least"), [(mnist_extractor, "MNIST", 0.985), (fashion_extractor, "FashionMNIST", 0.87)]
)
def test_the_full_recipes_reach_their_accuracy(build, folder, least, tmp_path):
    """On all 60,000 images; real features are of full rank and nearer to real ones than to blurred ones."""
    test = images_and_labels(folder, "t10k")
    extractor = build(*images_and_labels(folder, "train"), tmp_path, test)
    assert extractor.accuracy >= least
    features = extractor.features(test[0])
    assert int(torch.linalg.matrix_rank(torch.cov(features.T))) == 64
    one, other = features[::2], features[1::2]  # MNIST's first half is the easier one, so not by halves
    blurred = extractor.features(torch.nn.functional.avg_pool2d(test[0][::2], 3, 1, 1))
    assert frechet_distance(one, other) < 0.2 * frechet_distance(blurred, other)


def test_the_two_recipes_differ_by_name_alone():
    """One architecture, two names, so that their metrics never share a column."""
    assert dataclasses.replace(FASHION, name="mnist") == MNIST


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """A weights file whose hash is accepted, and a network in place of the real one."""
    return stub_inception(tmp_path, monkeypatch)


def test_other_weights_are_refused_before_they_are_loaded(tmp_path):
    """A file with another hash is never unpickled; the error shows both hashes."""
    path = tmp_path / "weights.pth"
    path.write_bytes(b"anything")
    with pytest.raises(InvalidSamples, match="that of the FID begins with 6726825d"):
        inception_extractor(path)
    with pytest.raises(InvalidSamples, match="There is no weights file"):
        inception_extractor(tmp_path / "absent.pth")


def test_only_inception_gives_fid_and_is(stub):
    """The published names come from this network, and its other metrics carry its name."""
    extractor = inception_extractor(stub)
    x, y = (torch.rand(240, 3, 8, 8, generator=seeded(i)) for i in range(2))
    truth = Truth(reference=y, extractor=extractor)
    assert set(EVALUATORS["frechet"].run(x, truth, seeded()).scores) == {"fid", "fid_infinity15"}
    assert set(EVALUATORS["inception"].run(x, truth, seeded()).scores) == {
        "is",
        "is_splits10",
        "classes_quarter-inception",
    }
    assert "precision_k5-inception" in EVALUATORS["manifold"].run(x, truth, seeded()).scores
    assert extractor.features(x).dtype == torch.float64


def test_the_network_runs_once_per_set_of_images(stub, monkeypatch):
    """Every evaluator asks for the same features; only the first one waits for them."""
    extractor = inception_extractor(stub)
    x = torch.rand(40, 3, 8, 8, generator=seeded())
    first = extractor.features(x)
    extractor.features(x).zero_()
    network_calls = extractor.features.__self__.network.calls
    assert torch.equal(extractor.features(x), first)
    extractor.probabilities(x)
    assert extractor.features.__self__.network.calls == network_calls == math.ceil(40 / frozen.BLOCK)


def test_grey_images_are_warned_of(stub):
    """What FID says of 28x28 digits is little, and the warning names the size."""
    with pytest.warns(UserWarning, match="grey 28x28"):
        inception_extractor(stub).features(torch.rand(3, 1, 28, 28, generator=seeded()))


@pytest.mark.parametrize("images", [torch.rand(3, 2, 8, 8), torch.rand(3, 64), 2.0 + torch.rand(3, 3, 8, 8)])
def test_images_that_inception_cannot_take_are_named(stub, images):
    """Wrong channels, no image at all, or outside [0, 1]."""
    with pytest.raises(InvalidSamples, match="samples must"):
        inception_extractor(stub).features(images)


@pytest.mark.full
def test_the_real_network_takes_a_weights_file(tmp_path, monkeypatch):
    """Random weights in the published shape: 2,048 features and 1,008 classes, and torch-fidelity's own scores."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    from torch_fidelity.metric_isc import isc_features_to_metric

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", None)
    monkeypatch.setattr(
        "torch_fidelity.feature_extractor_inceptionv3.load_state_dict_from_url", lambda *_, **__: {}, raising=True
    )
    monkeypatch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None)
    torch.manual_seed(0)
    network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048", "logits_unbiased"])
    monkeypatch.undo()
    path = tmp_path / "weights.pth"
    torch.save(network.state_dict(), path)
    monkeypatch.setattr(inception_network, "PUBLISHED_SHA256", "")
    extractor = inception_extractor(path)
    x = torch.rand(20, 3, 32, 32, generator=seeded())
    assert extractor.features(x).shape == (20, 2048)
    p = extractor.probabilities(x)
    assert p.shape == (20, 1008)
    logits = shuffled(extractor.features.__self__.outputs(x)[1], seeded())
    oracle = isc_features_to_metric(logits, splits=10, shuffle=False)
    assert inception_score_splits(p, seeded()).value == pytest.approx(oracle["inception_score_mean"], rel=1e-9)


def test_no_network_is_asked_where_it_is_forbidden_or_away(tmp_path, monkeypatch):
    """One sentence with the file and the place, and no request under GAN_BENCH_OFFLINE."""
    asked = []

    def away(*_, **__):
        asked.append(1)
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", away)
    with pytest.raises(InvalidSamples, match=r"Cannot download .*no route to host.* put weights-inc"):
        inception_extractor()
    monkeypatch.setenv("GAN_BENCH_OFFLINE", "1")
    with pytest.raises(InvalidSamples, match=r"GAN_BENCH_OFFLINE is set; put weights-inception"):
        inception_extractor()
    assert asked == [1]


def test_every_extractor_has_a_fingerprint(digits):
    """Sixteen hexadecimal digits."""
    for extractor in (digits, pixels_extractor(), pixels_extractor(8)):
        assert len(extractor.fingerprint) == 16
        int(extractor.fingerprint, 16)


def test_features_of_the_wrong_size_are_named(digits):
    """The error says what the extractor takes."""
    with pytest.raises(InvalidSamples, match=r"the shape \[N, 9\] but what extractor digits takes \[N, 1, 8, 8\]"):
        digits.features(normal(5, 9))


def test_block_means_are_pixels_of_a_smaller_image():
    """Images [N, C, H, W] become the means of equal blocks, channel by channel; other sizes are refused."""
    x = torch.rand(5, 3, 8, 4, generator=seeded())
    found = pixels_extractor(2).features(x)
    expected = [float(x[1, c, 4 * i : 4 * i + 4, 2 * j : 2 * j + 2].mean()) for c, i, j in np.ndindex(3, 2, 2)]
    assert found.dtype == torch.float64
    assert np.allclose(found[1].numpy(), expected)
    assert (pixels_extractor(2).name, pixels_extractor().name) == ("pixels2", "pixels")
    with pytest.raises(InvalidSamples, match="3x3 equal blocks"):
        pixels_extractor(3).features(x)
