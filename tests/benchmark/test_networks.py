"""Networks: shapes, ranges, draws and batch statistics, and every pair with every objective."""

from __future__ import annotations

import dataclasses
import math
import warnings

import pytest
import torch

import benchmark.engine.group
from benchmark.engine import streams
from benchmark.engine.flat import FlatNetwork
from benchmark.engine.group import draw_noise, form, schedules_for
from benchmark.engine.loop import feed
from benchmark.networks import NETWORKS as ALL_NETWORKS
from benchmark.networks import Noise
from benchmark.networks.layers import (
    BatchNorm,
    Maxout,
    MinibatchDeviation,
    MinibatchDiscrimination,
    SpectralConvolution,
    SpectralLinear,
    couples,
    fixed_statistics,
)
from benchmark.problems import PROBLEMS, Training
from benchmark.runner.entry import track_settings
from objectives import OBJECTIVES
from objectives.spec import parse
from tests.benchmark.builders import play

GREY, COLOUR = (1, 28, 28), (3, 32, 32)
NETWORKS, POINTS = (
    {name: one for name, one in ALL_NETWORKS.items() if one.samples == samples} for samples in ("images", "points")
)
KINDS = ("score", "energy", "embedding")


def narrow(name: str):
    """Return a pair at a sixteenth of its width."""
    return dataclasses.replace(NETWORKS[name], width=1 / 16)


def images(count: int, shape=GREY, seed: int = 0):
    """Draw values in [0, 1]."""
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))


def narrow_mnist(name: str, monkeypatch):
    """Return the problem `mnist` on a narrow pair; its files are not read."""
    monkeypatch.setitem(ALL_NETWORKS, name, narrow(name))
    return PROBLEMS["mnist"].configured(name)


@pytest.mark.parametrize("shape", [GREY, COLOUR], ids=str)
@pytest.mark.parametrize("name", NETWORKS)
def test_generators_give_images(name, shape):
    """Samples have the problem's shape, lie in [0, 1] and differ from one another."""
    pair = narrow(name)
    samples = pair.generator(shape, torch.full(shape, 0.3))(torch.randn(6, pair.noise.dimension)).detach()
    assert samples.shape == (6, *shape)
    assert 0.0 <= float(samples.min()) <= float(samples.max()) <= 1.0
    assert float(samples.var(0).sum()) > 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_critics_of_all_kinds_have_comparable_capacity(name, kind):
    """Each kind gives its own kind of numbers, with parameters within a factor of three of the score's."""
    critic, score = NETWORKS[name].critic(kind, GREY), NETWORKS[name].critic("score", GREY)
    output = critic(images(5))
    assert output.features.shape[0] == 5
    assert (output.scores is None) == (kind == "embedding")
    if kind == "energy":
        assert (output.scores >= 0).all()
    size, reference = (sum(p.numel() for p in net.parameters()) for net in (critic, score))
    assert 1 / 3 < size / reference < 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", POINTS)
def test_the_planes_critics_have_comparable_capacity(name, kind):
    """The same for the pairs of the plane."""
    critic, score = (POINTS[name].critic(which, (2,)) for which in (kind, "score"))
    output = critic(images(5).flatten(1)[:, :2])
    assert (output.scores is None) == (kind == "embedding")
    size, reference = (sum(p.numel() for p in net.parameters()) for net in (critic, score))
    assert 1 / 3 < size / reference < 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_critic_says_whether_it_couples_the_batch(name, kind):
    """A sample's features move with its neighbours exactly where the critic says so."""
    critic = narrow(name).critic(kind, GREY)
    one, other = images(4), torch.cat([images(1), images(3, seed=1)])
    same = torch.allclose(critic(one).features[0], critic(other).features[0], rtol=1e-5, atol=1e-7)
    assert same == (not critic.couples_batch)


@pytest.mark.parametrize("name", [name for name in NETWORKS if couples(NETWORKS[name].generator(GREY, None))])
def test_sampling_uses_the_statistics_of_a_fixed_batch(name, monkeypatch):
    """A sample does not depend on the pass in which it is drawn, for one member as for two."""
    monkeypatch.setattr(benchmark.engine.group, "SAMPLES_AT_ONCE", 8)
    problem = narrow_mnist(name, monkeypatch)
    for seeds in ((3,), (3, 4)):
        members = form(problem, parse("ns"), Training(batch=4), seeds, images(8), 1)
        state = members.start()
        noise = draw_noise(members.noise, members.roots, 11)
        few, many = (members._sample_by_statistics(state.players.generator, part) for part in (noise[:, :5], noise))
        assert members.sample(state, 5).shape == few.shape == (len(seeds), 5, *GREY)
        assert torch.allclose(few, many[:, :5], atol=1e-6)
        assert all(
            layer.kept is None for layer in members.play.losses.generator.module.modules() if hasattr(layer, "kept")
        )


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_plays_every_objective(name, objective, monkeypatch):
    """One iteration of two members on narrow networks is finite and gives no warning."""
    check_one_iteration(narrow_mnist(name, monkeypatch), objective, images(16))


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
@pytest.mark.parametrize("name", POINTS)
def test_every_plane_network_plays_every_objective(name, objective, monkeypatch):
    """The same for the pairs of the plane."""
    monkeypatch.setitem(ALL_NETWORKS, name, dataclasses.replace(POINTS[name], width=1 / 16))
    check_one_iteration(PROBLEMS["ring"].configured(name), objective, images(16).flatten(1)[:, :2].contiguous())


@pytest.mark.full
@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_plays_every_objective_at_full_width(name, objective):
    """The same at the papers' widths."""
    check_one_iteration(PROBLEMS["mnist"].configured(name), objective, images(16))


def check_one_iteration(problem, objective, data):
    """Play one iteration of two members on a batch of 4, with warnings as errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        settings = Training(batch=4, generator_learning_rate=2e-4, critic_learning_rate=2e-4)  # as image problems have
        members = form(problem, parse(objective, scales=problem.budget.scales), settings, (0, 1), data, 2)
        state, terms = members.step(members.start(), next(feed(members, 0, 1)))
    assert bool(state.alive.all())
    assert all(bool(torch.isfinite(term).all()) for term in (terms.critic_loss, terms.generator_loss))


def test_the_2014_pair_is_the_papers():
    """Layer widths, initial ranges, the output bias and the noise are those of `mnist.yaml`."""
    pair = NETWORKS["goodfellow2014"]
    means = torch.full(GREY, 0.25)
    generator, critic = pair.generator(GREY, means), pair.critic("score", GREY)
    weights = [p for p in generator.parameters() if p.dim() == 2]
    assert [tuple(w.shape) for w in weights] == [(1200, 100), (1200, 1200), (784, 1200)]
    assert all(0.049 < float(w.detach().abs().max()) < 0.05 + 1e-6 for w in weights)
    assert torch.allclose(list(generator.parameters())[-1], torch.tensor(math.log(0.25 / 0.75)))
    judged = [p for p in critic.parameters() if p.dim() == 2]
    assert [tuple(w.shape) for w in judged] == [(1200, 784), (1200, 240), (1, 240)]
    assert all(0.0045 < float(w.detach().abs().max()) < 0.005 + 1e-6 for w in judged)
    assert (pair.noise.kind, pair.noise.dimension, pair.noise.bound) == ("uniform", 100, math.sqrt(3.0))


@pytest.mark.parametrize(("name", "gain"), [("unrolled", 1.4), ("unrolled-paper", 0.8)])
def test_the_unrolled_pairs_weights_are_orthogonal(name, gain):
    """All singular values of every weight matrix are the gain, and biases start at zero."""
    pair = POINTS[name]
    for network in (pair.generator((2,), None), *(pair.critic(kind, (2,)) for kind in KINDS)):
        for weight in network.parameters():
            if weight.dim() == 2:
                values = torch.linalg.svdvals(weight.detach())
                assert torch.allclose(values, torch.full_like(values, gain), atol=1e-4)
            else:
                assert not weight.any()


def test_the_unrolled_papers_critic_divides_its_input_by_four():
    """Its one hidden layer is ReLU on a quarter of the points."""
    critic = POINTS["unrolled-paper"].critic("score", (2,))
    x = torch.randn(5, 2)
    expected = torch.relu(critic.body.layer(x / 4))
    assert torch.equal(critic(x).features, expected)
    assert sum(p.numel() for p in critic.parameters()) == 513


@pytest.mark.parametrize(("problem", "networks"), [("mnist", NETWORKS), ("ring", POINTS)])
def test_a_papers_pair_brings_its_papers_settings(problem, networks):
    """They take the place of the problem's settings of those names, and of no others."""
    own = dataclasses.asdict(PROBLEMS[problem].training)
    for name, pair in networks.items():
        assert dataclasses.asdict(PROBLEMS[problem].configured(name).training) == own | pair.training
    for name in {"goodfellow2014", "pacgan", "unrolled", "unrolled-paper"} & set(networks):
        assert networks[name].training
    assert dataclasses.asdict(PROBLEMS[problem].configured("mlp").training) == own


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_a_papers_objective_takes_from_a_pair_what_its_optimiser_knows(objective):
    """On the track `paper` every objective has valid settings on the 2014 pair: SGD's schedules for SGD alone."""
    problem, game = PROBLEMS["mnist"].configured("goodfellow2014"), OBJECTIVES[objective]()
    settings = track_settings(problem, game, "paper")
    schedules = schedules_for(settings)
    stated = game.traits.recommended.optimiser
    assert settings.optimiser == (stated or "sgd")
    assert sorted(schedules) == (["learning_rate", "momentum"] if stated in (None, "sgd") else [])


def test_noise_may_come_from_a_pool():
    """Of a pool of three vectors training draws those three, the same for all seeds, and samples are drawn afresh."""
    noise = Noise(dimension=2, pool=3)
    drawn = draw_noise(noise, streams.root((0, 1)), 200)
    assert drawn.shape == (2, 200, 2)
    pools = [{tuple(vector) for vector in member.tolist()} for member in drawn]
    assert pools[0] == pools[1]
    assert len(pools[0]) == 3
    assert not torch.equal(drawn[0], drawn[1])
    assert len(torch.unique(draw_noise(noise.fresh, streams.root((0,)), 200)[0], dim=0)) == 200
    large = draw_noise(Noise(dimension=2, pool=50_000), streams.root((0,)), 20_000)[0]
    assert abs(float(large.mean())) < 0.03
    assert abs(float(large.std()) - 1.0) < 0.03


def test_the_alpha_gans_pair_is_the_papers():
    """Four layers of 400 against four of 200, and scores that have no gradient beyond a probability of 1 - 1e-7."""
    pair = POINTS["welfert2023"]
    generator, critic = pair.generator((2,), None), pair.critic("score", (2,))
    weights = [[tuple(p.shape) for p in one.parameters() if p.dim() == 2] for one in (generator, critic)]
    assert weights[0] == [(400, 2), (400, 400), (400, 400), (400, 400), (2, 400)]
    assert weights[1] == [(200, 2), (200, 200), (200, 200), (200, 200), (1, 200)]
    far = torch.tensor([[1e6, 0.0]], requires_grad=True)
    score = critic(far).scores
    assert float(torch.sigmoid(score.detach().double().abs())) == pytest.approx(1.0 - 1e-7, abs=1e-12)
    assert not torch.autograd.grad(score.sum(), far)[0].any()


def test_dropout_keeps_the_stated_share_and_the_mean():
    """Of the input 0.8 is kept and scaled by 1.25, of hidden layers 0.5 by 2; without draws nothing is dropped."""
    body = NETWORKS["goodfellow2014"].critic("score", GREY).body
    asked: dict[str, torch.Tensor] = {}

    def draw(purpose, shape):
        asked[purpose] = torch.rand(shape, generator=torch.Generator().manual_seed(1))
        return asked[purpose]

    x = torch.ones(64, *GREY)
    features = body(x, draw)
    assert {name: tuple(u.shape) for name, u in asked.items()} == {
        "input": (64, 784),
        "first": (64, 240),
        "second": (64, 240),
    }
    assert 0.45 < float((features != 0).double().mean()) < 0.55
    assert float((body(x) != 0).double().mean()) > 0.99


@pytest.mark.parametrize("shared", [True, False])
def test_both_losses_of_2014_can_share_a_mask(monkeypatch, shared):
    """With one mask the critic's score of a generated batch is the same in both losses of a simultaneous move."""
    narrow_mnist("goodfellow2014", monkeypatch)
    problem = PROBLEMS["mnist"].configured(f"goodfellow2014:shared_mask={shared}".lower())
    members = form(problem, OBJECTIVES["wgan"](), Training(batch=8), (0, 1), images(32).double(), 5)
    state, batch = members.start(), next(feed(members, 0, 1))
    play_, round_ = members.play, members.play.round(batch, 0)
    critic = play_.critic_gradient(state.players, round_, play_.progress(batch))
    generator = play_.generator_gradient(state.players, round_, play_.progress(batch))
    assert critic.scores is not None
    assert torch.allclose(critic.scores[:, 1], -generator.loss, rtol=1e-9, atol=1e-12) == shared


def test_the_2014_noise_can_be_normal():
    """The default of the authors' class stands beside the uniform noise of their recipe."""
    noise = PROBLEMS["mnist"].configured("goodfellow2014:gaussian=true").noise
    assert (noise.kind, noise.dimension) == ("normal", 100)


def test_dropout_draws_by_seed_and_iteration_alone(monkeypatch):
    """A member's trajectory is the same in a group of three as alone, and a second run repeats it."""
    problem = narrow_mnist("goodfellow2014", monkeypatch)
    data = images(32).double()

    def trained(seeds):
        return play(form(problem, parse("ns"), Training(batch=8), seeds, data, 5), stop=5)[0].players

    three, alone = trained((0, 1, 2)), trained((1,))
    assert torch.allclose(three.critic[1], alone.critic[0], rtol=1e-9, atol=1e-12)
    assert torch.allclose(three.generator[1], alone.generator[0], rtol=1e-9, atol=1e-12)
    assert torch.equal(trained((1,)).critic, alone.critic)


def test_maxout_is_the_largest_piece():
    """Each unit is the largest of its linear maps."""
    layer = Maxout(3, 4, 5)
    x = torch.randn(6, 3)
    maps = x @ layer.linear.weight.T + layer.linear.bias
    assert torch.equal(layer(x), torch.stack([maps[:, 5 * u : 5 * u + 5].max(1).values for u in range(4)], 1))


@pytest.mark.parametrize("shape", [(8, 5), (8, 5, 3, 3)], ids=str)
def test_batch_norm_is_torchs_in_training(shape):
    """Outputs and gradients agree with `nn.BatchNorm` in training mode."""
    ours = BatchNorm(5)
    theirs = torch.nn.BatchNorm1d(5) if len(shape) == 2 else torch.nn.BatchNorm2d(5)
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    results = []
    for layer in (ours.double(), theirs.double()):
        out = layer(x)
        results.append((out, torch.autograd.grad(out.pow(3).sum(), x)[0]))
    assert torch.allclose(results[0][0], results[1][0])
    assert torch.allclose(results[0][1], results[1][1], atol=1e-10)


def test_fixed_statistics_are_those_of_the_first_batch():
    """Inside the context later batches are normalised by the first one's mean and variance."""
    layer, first, second = BatchNorm(3), torch.randn(50, 3), torch.randn(2, 3)
    with fixed_statistics(layer):
        layer(first)
        found = layer(second)
    expected = (second - first.mean(0)) / torch.sqrt(first.var(0, correction=0) + 1e-5)
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("layer", [SpectralLinear(7, 5), SpectralConvolution(3, 4, 3)], ids=["linear", "convolution"])
def test_spectral_norm_divides_by_the_largest_singular_value(layer):
    """After some updates the normalised weight has norm 1, and the direction changes only when its state is updated."""
    network = FlatNetwork.of(lambda: layer)
    parameters = torch.cat([p.detach().flatten() for p in layer.parameters()])
    for _ in range(200):
        parameters = network.with_updated_state(parameters)
    named = network.named(parameters)
    matrix = named["weight"].flatten(1)
    sigma = torch.linalg.matrix_norm(matrix, 2)
    shape = (2, 7) if matrix.shape[1] == 7 else (2, 3, 6, 6)
    x = torch.randn(shape)
    with torch.no_grad():
        layer.weight.copy_(named["weight"] / sigma)
        expected = (
            torch.nn.functional.linear(x, layer.weight, layer.bias)
            if x.dim() == 2
            else torch.nn.functional.conv2d(x, layer.weight, layer.bias)
        )
    assert torch.allclose(network(parameters, x), expected, atol=1e-5)
    assert torch.equal(network.with_updated_state(parameters)[: matrix.numel()], parameters[: matrix.numel()])


def test_minibatch_discrimination_is_its_formula():
    """o_b(x_i) sums the closeness to every other sample of the batch."""
    layer, x = MinibatchDiscrimination(4, kernels=3, size=2), torch.randn(5, 4)
    m = (x @ layer.tensor.detach()).reshape(5, 3, 2)
    expected = [
        [sum(math.exp(-float((m[i, b] - m[j, b]).abs().sum())) for j in range(5) if j != i) for b in range(3)]
        for i in range(5)
    ]
    out = layer(x)
    assert torch.equal(out[:, :4], x)
    assert torch.allclose(out[:, 4:], torch.tensor(expected), atol=1e-5)


def test_spectral_norms_direction_moves_once_per_update(monkeypatch):
    """Losses leave it alone and no gradient reaches it; an update moves it by one power iteration of the new weight."""
    problem = narrow_mnist("sngan", monkeypatch)
    members = form(problem, parse("ns"), Training(batch=4), (0, 1), images(16).double(), 2)
    network, before = members.play.losses.critic, members.start().players.critic
    after = play(members, stop=1)[0].players.critic
    for member in (0, 1):
        old, new = network.named(before[member]), network.named(after[member])
        names = [name for name in old if name.endswith("direction")]
        assert len(names) == 11
        for name in names:
            weight = new[name.replace("direction", "weight")].flatten(1)
            expected = weight @ (weight.T @ old[name])
            assert torch.allclose(new[name], expected / expected.norm())


def test_minibatch_deviation_is_one_number_for_the_batch():
    """The appended number is the mean standard deviation of the features."""
    x = torch.randn(6, 4)
    out = MinibatchDeviation()(x)
    assert torch.allclose(out[:, 4], x.std(0, correction=0).mean().expand(6), atol=1e-4)


def test_the_printed_table_is_followed_where_it_can_be():
    """Widths and layers of `conv-maxpool` on 28x28: FC 1,200, 32 maps, 64 and 1; 64 and 128 filters, FC 1,024, 1."""
    pair = NETWORKS["conv-maxpool"]
    shapes = [tuple(p.shape) for p in pair.generator(GREY, None).parameters() if p.dim() > 1]
    assert shapes == [(1200, 100), (32 * 7 * 7, 1200), (32, 64, 5, 5), (64, 1, 5, 5)]
    shapes = [tuple(p.shape) for p in pair.critic("score", GREY).parameters() if p.dim() > 1]
    assert shapes == [(64, 1, 5, 5), (128, 64, 5, 5), (1024, 128 * 7 * 7), (1, 1024)]
    assert (pair.noise.kind, pair.noise.dimension) == ("uniform", 100)


@pytest.mark.parametrize("objective", ["ns", "ebgan", "mmd", "ns+pac"])
@pytest.mark.parametrize("name", NETWORKS)
def test_flat_digits_take_every_architecture_for_images(name, objective, monkeypatch):
    """Samples stay flat for everyone but the networks, which see 8x8 images, packs as channels."""
    monkeypatch.setitem(ALL_NETWORKS, name, narrow(name))
    problem = PROBLEMS["digits"].configured(name)
    problem = dataclasses.replace(problem, own={})  # else mlp is the problem's own
    check_one_iteration(problem, objective, torch.rand(16, 64, generator=torch.Generator().manual_seed(0)))
