"""Problems: the data are what the docstrings say, and the truth agrees with them."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from benchmark.problems import PROBLEMS
from evaluators import EVALUATORS
from tests.benchmark.data_builders import small_images

MIXTURES = ["grid", "ring"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Give a directory for frozen classifiers."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def images(monkeypatch, tmp_path):
    """Let the problems of real images read a few random ones; `test_problems_images.py` has the real ones."""
    small_images(monkeypatch, tmp_path)


@pytest.mark.parametrize("name", PROBLEMS)
def test_data_are_the_same_each_time(name, cache):
    """Loading twice gives the same digest, and the held-out points are no training points."""
    first, second = PROBLEMS[name].load(cache), PROBLEMS[name].load(cache)
    assert first.digest() == second.digest()
    training = {row.numpy().tobytes() for row in first.training}
    held_out = [row.numpy().tobytes() for row in first.truth.reference]
    assert sum(row in training for row in held_out) == 0


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("kind", ["score", "energy", "embedding"])
def test_critics_of_all_kinds_have_comparable_capacity(name, kind, cache):
    """Each kind gives its own kind of numbers, from a parameter count within a factor of three of the score critic."""
    problem = PROBLEMS[name]
    batch = problem.load(cache).training[:5]
    critic = problem.critic(kind)
    judgement = critic(batch)
    assert judgement.features.shape[0] == 5
    assert (judgement.scores is None) == (kind == "embedding")
    if kind == "energy":
        assert (judgement.scores >= 0).all()
    size, reference = (sum(p.numel() for p in net.parameters()) for net in (critic, problem.critic("score")))
    assert 1 / 3 < size / reference < 3


@pytest.mark.parametrize("name", PROBLEMS)
def test_names_agree(name, cache):
    """A problem's name is its key, its evaluators exist, and they give its headline metrics for its own truth."""
    problem = PROBLEMS[name]
    assert problem.name == name
    data = problem.load(cache)
    given: set[str] = set()
    for evaluator, count in problem.evaluators.items():
        samples = problem.oracle(count, data, torch.Generator().manual_seed(0))
        given |= set(EVALUATORS[evaluator].run(samples, data.truth, torch.Generator().manual_seed(0)).scores)
    assert set(problem.headline) <= given


@pytest.mark.parametrize("name", MIXTURES)
def test_the_sampler_agrees_with_the_modes(name, cache):
    """Exact samples choose modes by their weights and lie around them as the stated Gaussian (chi-square, KS)."""
    truth = PROBLEMS[name].load(cache).truth
    samples = truth.sampler(50_000, torch.Generator().manual_seed(7)).double()
    distances, nearest = torch.cdist(samples, truth.modes.centres.double()).min(dim=1)
    counts = torch.bincount(nearest, minlength=len(truth.modes.weights)).numpy()
    assert stats.chisquare(counts, 50_000 * truth.modes.weights.double().numpy()).pvalue > 1e-3
    assert stats.kstest((distances / truth.modes.std).numpy(), "rayleigh").pvalue > 1e-3


@pytest.mark.parametrize("name", MIXTURES)
def test_the_density_agrees_with_the_sampler(name, cache):
    """The mean log-density of exact samples is minus the entropy: Σ w log w - log 2πe σ² for distant modes."""
    truth = PROBLEMS[name].load(cache).truth
    samples = truth.sampler(50_000, torch.Generator().manual_seed(8))
    weights = truth.modes.weights.double()
    expected = float((weights * weights.log()).sum()) - math.log(2 * math.pi * math.e * truth.modes.std**2)
    density = truth.log_density(samples)
    error = float(density.std()) / math.sqrt(len(density))
    assert float(density.mean()) == pytest.approx(expected, abs=5 * error)


def test_the_ring_is_pacgans():
    """Eight distinct modes on the unit circle, not seven with one counted twice."""
    modes = PROBLEMS["ring"].modes()
    assert torch.allclose(modes.centres.norm(dim=1), torch.ones(8).double())
    assert float(torch.pdist(modes.centres).min()) == pytest.approx(2 * math.sin(math.pi / 8))
    assert modes.std == 0.01


def test_digits_lie_in_the_unit_interval(cache):
    """Pixels are scaled to [0, 1] and the three parts have the stated sizes."""
    data = PROBLEMS["digits"].load(cache)
    assert (len(data.training), len(data.truth.validation), len(data.truth.reference)) == (1_097, 200, 500)
    assert (float(data.training.min()), float(data.training.max())) == (0.0, 1.0)
