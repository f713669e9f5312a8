"""Problems of real images: their split, their networks by name, their control rows, and what a run prints."""

from __future__ import annotations

import time

import pytest
import torch

from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.networks import NETWORKS as ALL_NETWORKS
from benchmark.problems import PROBLEMS, Data
from benchmark.runner.controls import control_samples
from evaluators.parzen import PAPER_GRID, score
from evaluators.truth import Truth
from objectives.spec import parse
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.data_builders import quick_classifiers, real, small_images

__all__ = ["type_in"]
NETWORKS = {name: one for name, one in ALL_NETWORKS.items() if one.samples == "images"}


@pytest.mark.parametrize("name", ["fashion-mnist", "mnist"])
def test_the_split_is_the_2014_papers(name, tmp_path, monkeypatch):
    """50,000 / 10,000 / 10,000 real images in [0, 1], in the files' order, validation after training."""
    real(name, tmp_path)
    quick_classifiers(monkeypatch)
    data = PROBLEMS[name].load(tmp_path)
    assert data.training.shape == (50_000, 1, 28, 28)
    assert [len(part) for part in (data.truth.validation, data.truth.reference)] == [10_000, 10_000]
    assert (float(data.training.min()), float(data.training.max())) == (0.0, 1.0)
    assert data.training.untyped_storage().data_ptr() == data.truth.validation.untyped_storage().data_ptr()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_brings_its_noise_and_group_size(network):
    """`configured` changes the networks and what goes with them, and nothing else."""
    problem = PROBLEMS["mnist"].configured(network)
    assert problem.network == network
    assert problem.noise == NETWORKS[network].noise
    assert problem.group_size["cpu"] >= 1
    assert PROBLEMS["mnist"].network == "mlp"


def test_the_2014_generator_starts_at_the_pixels_means(tmp_path, monkeypatch):
    """Untrained samples have the training images' means, pixel by pixel."""
    small_images(monkeypatch, tmp_path)
    problem = PROBLEMS["mnist"].configured("goodfellow2014")
    data = problem.load(tmp_path)
    problem = problem.fitted(data)
    samples = control_samples("untrained", problem, data, 0, 200)
    assert torch.allclose(samples.mean(0), data.training.mean(0), atol=0.1)


def few(dimension: int, centres: int) -> Data:
    """Return images that lie close around a few points."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(centres, 1, dimension, dimension, generator=generator)
    images = points.repeat(60, 1, 1, 1) + 0.01 * torch.rand(60 * centres, 1, dimension, dimension, generator=generator)
    return Data(images.clamp(0.0, 1.0), Truth(reference=images[:5]))


def test_kmeans_gives_centroids_not_samples(tmp_path):
    """Centroids lie near the data, are fewer than the data, and repeat where more are asked for."""
    data = few(10, 4)
    samples = control_samples("kmeans", PROBLEMS["mnist"], data, 0, 100)
    assert samples.shape == (100, 1, 10, 10)
    assert len(samples.flatten(1).unique(dim=0)) <= len(data.training) // 5
    distances = torch.cdist(samples.flatten(1), data.training.flatten(1)).min(1).values
    assert float(distances.max()) < 2.0


def test_centroids_outrank_true_samples(tmp_path):
    """Theis et al. (2016) on digits: by Parzen score the control `kmeans` stands above as many training images."""
    problem = PROBLEMS["digits"]
    data = problem.load(tmp_path)
    assert data.truth.validation is not None
    scores = {}
    for control in ("kmeans", "oracle"):
        samples = control_samples(control, problem, data, 0, 219)  # as many centroids as five images each allow
        generator = torch.Generator().manual_seed(0)
        scores[control] = score(samples, data.truth.reference, data.truth.validation, generator, PAPER_GRID).mean
    assert scores["kmeans"] > scores["oracle"] + 1.0


def test_the_mixture_of_large_data_is_fitted_in_their_leading_components():
    """Samples of the mixture lie near the data, though these have more dimensions than it is fitted in."""
    data = few(12, 3)
    samples = control_samples("gmm", PROBLEMS["mnist"], data, 0, 50)
    assert samples.shape == (50, 1, 12, 12)
    distances = torch.cdist(samples.flatten(1), data.training.flatten(1)).min(1).values
    assert float(distances.median()) < 2.0


@pytest.mark.parametrize("network", ["goodfellow2014", "mlp"])
def test_a_run_prints_the_parzen_row_beside_the_controls(type_in, monkeypatch, tmp_path, network):
    """The objective's row stands beside those of real data, k-means, the mixture and an untrained generator."""
    small_images(monkeypatch, tmp_path)
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    words = ("run", "-o", "ns", "-p", "mnist", "--network", network, "--seeds", "1", "--iterations", "2")
    code, out, err = type_in(*words, "--results", tmp_path / "runs")
    assert (code, err.count("Traceback")) == (0, 0)
    for part in ("parzen", "fd-mnist", "ns", "oracle (control)", "kmeans (control)", "gmm (control)", "untrained"):
        assert part in out


def test_missing_data_are_one_sentence(type_in, monkeypatch, tmp_path):
    """Exit code 2, where it was looked for, nothing written."""
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    monkeypatch.delenv("GAN_BENCH_DATA", raising=False)
    result = type_in("run", "-o", "ns", "-p", "mnist", "--data-dir", tmp_path / "here", "--results", tmp_path / "runs")
    assert is_one_sentence(*result)
    assert "here" in result[2]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("problem", "network", "part"), [("mnist", "con", "'conv'"), ("ring", "conv", "mlp, pacgan"), ("mnist", "", "conv")]
)
def test_an_unknown_network_is_one_sentence(type_in, tmp_path, problem, network, part):
    """The problem's own networks are named."""
    result = type_in("run", "-o", "ns", "-p", problem, "--network", network, "--results", tmp_path / "runs")
    assert is_one_sentence(*result)
    assert part in result[2]


@pytest.mark.full
def test_data_cost_little_of_a_step(monkeypatch, tmp_path):
    """Drawing indices and noise and gathering a batch take under 5 % of a step of the 2014 pair."""
    small_images(monkeypatch, tmp_path)
    problem = PROBLEMS["mnist"].configured("goodfellow2014")
    members = form(problem, parse("ns"), problem.training, (0,), torch.rand(50_000, 1, 28, 28), 100)
    state, batches, drawing = members.start(), feed(members, 0, 64), -time.perf_counter()
    drawn = list(batches)
    for batch in drawn:
        members.play.round(batch, 0)
    drawing += time.perf_counter()
    stepping = -time.perf_counter()
    for batch in drawn[:16]:
        state, _ = members.step(state, batch)
    stepping += time.perf_counter()
    assert drawing / 64 < 0.05 * stepping / 16
