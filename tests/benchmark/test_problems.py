"""Problems: the data are what the docstrings say, and the truth agrees with them."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from benchmark.problems import PROBLEMS
from benchmark.problems.mixtures import VARYING
from benchmark.problems.spiral import DEVIATION, curve, log_density_spiral, sample_spiral
from evaluators import EVALUATORS
from tests.benchmark.data_builders import small_images, small_photographs

MIXTURES = ["gaussian1d", "grid", "grid-unbalanced", "high-dim", "ring", "ring-wide"]  # isotropic but for high-dim
DENSITIES = [name for name in MIXTURES if name != "high-dim"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Return a directory for frozen classifiers."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def images(monkeypatch, tmp_path):
    """Let the problems of real images read a few random ones; `test_problems_images.py` has the real ones."""
    small_images(monkeypatch, tmp_path)
    small_photographs(monkeypatch, tmp_path)


@pytest.mark.parametrize("name", PROBLEMS)
def test_data_are_the_same_each_time(name, cache):
    """Loading twice gives the same digest, and the held-out points are no training points."""
    first, second = PROBLEMS[name].load(cache), PROBLEMS[name].load(cache)
    assert first.digest() == second.digest()
    training = {row.numpy().tobytes() for row in first.training}
    held_out = [row.numpy().tobytes() for row in first.truth.reference]
    by_chance = 0.05 * len(held_out) if name == "gaussian1d" else 0  # float32 numbers on a line repeat
    assert sum(row in training for row in held_out) <= by_chance


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("kind", ["score", "energy", "embedding"])
def test_critics_of_all_kinds_have_comparable_capacity(name, kind, cache):
    """Each kind gives its own kind of numbers, from a parameter count within a factor of three of the score critic."""
    problem = PROBLEMS[name]
    batch = problem.load(cache).truth.reference[:5]
    critic = problem.critic(kind)
    output = critic(batch)
    assert output.features.shape[0] == 5
    assert (output.scores is None) == (kind == "embedding")
    if kind == "energy":
        assert (output.scores >= 0).all()
    size, reference = (sum(p.numel() for p in net.parameters()) for net in (critic, problem.critic("score")))
    assert 1 / 3 < size / reference < 3


@pytest.mark.parametrize("name", PROBLEMS)
def test_names_agree(name, cache):
    """A problem's name is its key, its evaluators exist, and they give its headline metrics for its own truth."""
    problem = PROBLEMS[name]
    assert problem.name == name
    data = problem.load(cache)
    given: set[str] = set()
    for evaluator, count in problem.judging.evaluators.items():
        samples = data.oracle(count, torch.Generator().manual_seed(0))
        given |= set(EVALUATORS[evaluator].run(samples, data.truth, torch.Generator().manual_seed(0)).scores)
    assert set(problem.judging.headline) <= given


@pytest.mark.parametrize("name", MIXTURES)
def test_the_sampler_agrees_with_the_modes(name):
    """Exact samples choose modes by their weights and lie around them as the stated Gaussian (chi-square, KS)."""
    problem, count = PROBLEMS[name], 5_000 if name == "high-dim" else 50_000
    modes = problem.source.modes
    varying = VARYING if name == "high-dim" else problem.source.dimension
    samples = problem.source.sample(count, torch.Generator().manual_seed(7)).double()
    distances, nearest = torch.cdist(samples, modes.centres.double()).min(dim=1)
    counts = torch.bincount(nearest, minlength=len(modes.weights)).numpy()
    if len(counts) > 1:
        assert stats.chisquare(counts, count * modes.weights.double().numpy()).pvalue > 1e-3
    exact = torch.linalg.vector_norm(samples - modes.centres.double()[nearest], dim=1)  # cdist rounds near modes
    assert float((exact - distances).abs().max()) < 1e-2
    assert stats.kstest((exact / modes.std).numpy(), "chi", (varying,)).pvalue > 1e-3


def test_the_high_dimensional_ceiling_is_that_of_its_geometry(cache):
    """Modes vary in 700 of 1,200 coordinates: exact samples reach the printed ceiling, and all zeros find one mode."""
    data = PROBLEMS["high-dim"].load(cache)
    generator = torch.Generator().manual_seed(0)
    exact = EVALUATORS["modes"].run(data.oracle(2_500, generator), data.truth, generator)
    good = exact.scores["hq_mass989"]
    assert good.value == pytest.approx(exact.protocol["hq_mass989_ceiling"], abs=4 * good.standard_error)
    assert exact.scores["modes_quarter"].value == 10
    zeros = EVALUATORS["modes"].run(torch.zeros(2_500, 1_200), data.truth, generator)
    assert zeros.scores["modes_quarter"].value == 1
    assert PROBLEMS["high-dim"].judging.headline[0] == "modes_quarter"


@pytest.mark.parametrize("name", DENSITIES)
def test_the_density_agrees_with_the_sampler(name, cache):
    """The mean log-density of exact samples is minus the entropy: Σ w log w - d/2 log 2πe σ² for distant modes."""
    truth = PROBLEMS[name].load(cache).truth
    samples = truth.sampler(50_000, torch.Generator().manual_seed(8))
    weights, dimension = truth.modes.weights.double(), truth.modes.centres.shape[1]
    entropy = dimension / 2 * math.log(2 * math.pi * math.e * truth.modes.std**2)
    expected = float((weights * weights.log()).sum()) - entropy
    density = truth.log_density(samples)
    error = float(density.std()) / math.sqrt(len(density))
    assert float(density.mean()) == pytest.approx(expected, abs=5 * error)


def test_the_spirals_density_agrees_with_its_sampler():
    """The density integrates to 1, and cells of the plane hold as many exact samples as it says (chi-square)."""
    edges, fine = torch.linspace(-2.0, 2.2, 22), 12
    step = float(edges[1] - edges[0]) / fine
    ticks = edges[0].double() + step * (torch.arange(21 * fine, dtype=torch.float64) + 0.5)
    mass = log_density_spiral(torch.cartesian_prod(ticks, ticks)).exp().view(21, fine, 21, fine).sum((1, 3)) * step**2
    assert float(mass.sum()) == pytest.approx(1.0, abs=1e-4)
    samples = sample_spiral(100_000, torch.Generator().manual_seed(9))
    counts = torch.histogramdd(samples, [edges, edges]).hist.double()
    held = mass > 2e-4
    found = torch.cat([counts[held], counts[~held].sum()[None]])
    expected = torch.cat([mass[held], mass[~held].sum()[None]])
    assert stats.chisquare(found.numpy(), (100_000 * expected / expected.sum()).numpy()).pvalue > 1e-3


def test_the_spirals_quadrature_has_converged():
    """Four times the nodes change nothing but at the curve's two ends, and there under 0.002 nats."""
    x = sample_spiral(300, torch.Generator().manual_seed(3))
    coarse = log_density_spiral(x)
    nodes = curve((torch.arange(8_000, dtype=torch.float64) + 0.5) / 8_000)
    squares = torch.cdist(x.double(), nodes, compute_mode="donot_use_mm_for_euclid_dist").square()
    fine = torch.logsumexp(-squares / (2 * DEVIATION**2), 1) - math.log(8_000 * 2 * math.pi * DEVIATION**2)
    error = (coarse - fine).abs()
    assert float(error.max()) < 2e-3
    assert float(error.median()) < 1e-9


def test_the_unbalanced_grid_follows_a_power_law():
    """Sorted weights are in the proportions 1, 1/2, 1/3, …; the centres are the grid's."""
    modes = PROBLEMS["grid-unbalanced"].source.modes
    weights = modes.weights.sort(descending=True).values
    assert torch.allclose(weights[0] / weights, torch.arange(1, 26).double())
    assert torch.equal(modes.centres, PROBLEMS["grid"].source.modes.centres)


@pytest.mark.parametrize("network", ["mlp", "pacgan", "unrolled"])
def test_plane_problems_take_the_papers_networks(network):
    """The ring's networks can be PacGAN's and the unrolled GAN's, with their noise."""
    problem = PROBLEMS["ring"].configured(network)
    generator = problem.generator()
    samples = generator(torch.randn(7, problem.noise.dimension))
    assert samples.shape == (7, 2)
    for kind in ("score", "energy", "embedding"):
        assert problem.critic(kind, 2)(samples.detach().reshape(7, 2).repeat(1, 2)).features.shape[0] == 7
    linear = [tuple(p.shape) for p in generator.parameters() if p.dim() == 2]
    assert linear[-1] == {"mlp": (2, 128), "pacgan": (2, 400), "unrolled": (2, 128)}[network]


def test_the_ring_is_pacgans():
    """Eight distinct modes on the unit circle, not seven with one counted twice."""
    modes = PROBLEMS["ring"].source.modes
    assert torch.allclose(modes.centres.norm(dim=1), torch.ones(8).double())
    assert float(torch.pdist(modes.centres).min()) == pytest.approx(2 * math.sin(math.pi / 8))
    assert modes.std == 0.01


def test_digits_lie_in_the_unit_interval(cache):
    """Pixels are scaled to [0, 1] and the three parts have the stated sizes."""
    data = PROBLEMS["digits"].load(cache)
    assert (len(data.training), len(data.truth.validation), len(data.truth.reference)) == (1_097, 200, 500)
    assert (float(data.training.min()), float(data.training.max())) == (0.0, 1.0)
