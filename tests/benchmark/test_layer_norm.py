"""Layer norm in the critic: its formula, its place, and that it does not couple samples."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.func import vmap

from benchmark.engine.fit import couples_gradients, critic_for
from benchmark.engine.flat import FlatNetwork
from benchmark.engine.group import form
from benchmark.networks import NETWORKS
from benchmark.networks.layer_norm import Normalised, normalise_layers
from benchmark.networks.layers import BatchNorm
from benchmark.networks.outside import Outside
from benchmark.problems import PROBLEMS
from objectives.spec import parse
from tests.benchmark.builders import group, play

KINDS = ("score", "energy", "embedding")
EPSILON = 1e-5


def shape_of(name):
    """Return the shape of samples that a pair makes."""
    return (2,) if NETWORKS[name].samples == "points" else (1, 28, 28)


def narrow_critic(name, kind):
    """Build a narrow critic of a pair."""
    return replace(NETWORKS[name], width=1 / 16).critic(kind, shape_of(name))


def batch_of(name, count=4):
    """Draw samples for a pair."""
    return torch.rand(count, *shape_of(name), generator=torch.Generator().manual_seed(0))


def answer(output):
    """Return what a critic of any kind says."""
    return output.features if output.scores is None else output.scores


@pytest.mark.parametrize("plain", [nn.Linear(7, 5), nn.Conv2d(3, 5, 3)], ids=["linear", "convolution"])
def test_the_layer_is_its_formula(plain):
    """Each sample is normalised over its own units, and units or channels are scaled and shifted."""
    layer = Normalised(plain)
    x = torch.randn(4, *((7,) if isinstance(plain, nn.Linear) else (3, 6, 6)))
    a = plain(x).flatten(1)
    mean, variance = a.mean(1, keepdim=True), a.var(1, keepdim=True, unbiased=False)
    stated = ((a - mean) / (variance + EPSILON).sqrt()).view_as(plain(x))
    torch.testing.assert_close(layer(x), stated, atol=1e-5, rtol=1e-5)
    with torch.no_grad():
        layer.norm.weight.copy_(torch.rand(5))
        layer.norm.bias.copy_(torch.randn(5))
    form_ = (5, *[1] * (x.dim() - 2))
    scaled = stated * layer.norm.weight.view(form_) + layer.norm.bias.view(form_)
    torch.testing.assert_close(layer(x), scaled, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_it_applies_to_every_architecture(name, kind):
    """Hidden layers have mean 0 and variance 1 at each sample, and a stack of members equals each alone."""
    seen = []
    plain = narrow_critic(name, kind)
    batch_norms = sum(isinstance(layer, BatchNorm) for layer in plain.modules())
    network = FlatNetwork.of(lambda: normalise_layers(narrow_critic(name, kind)))
    norms = [layer for layer in network.module.modules() if isinstance(layer, nn.GroupNorm)]
    assert len(norms) == batch_norms if batch_norms else norms
    x, members = batch_of(name), network.initial([0, 1], "critic")
    both = vmap(lambda one: answer(network(one, x)))(members)
    for layer in norms:
        layer.register_forward_hook(lambda layer, inputs, output: seen.append((inputs[0], output)))
    alone = torch.stack([answer(network(one, x)) for one in members])
    torch.testing.assert_close(both, alone, atol=1e-5, rtol=1e-4)
    assert len(seen) == 2 * len(norms)
    for given, output in seen:
        variance = given.flatten(1).var(1, unbiased=False)
        torch.testing.assert_close(output.flatten(1).mean(1), torch.zeros(4), atol=1e-4, rtol=0)
        found = output.flatten(1).var(1, unbiased=False)
        torch.testing.assert_close(found, variance / (variance + EPSILON), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_it_does_not_couple_samples(name, kind):
    """It replaces batch norm, so scores are independent; a layer over the batch still couples them."""
    critic = normalise_layers(narrow_critic(name, kind))
    assert critic.couples_batch == (name in ("dcgan-mbd", "dcgan-mbstd"))
    if not critic.couples_batch:
        x = batch_of(name)
        torch.testing.assert_close(answer(critic(x))[1:2], answer(critic(x[1:2])), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("problem", "network"), [("ring", "mlp"), ("mnist", "infogan-bn"), ("mnist", "infogan")])
def test_the_critic_starts_from_the_same_weights(problem, network, monkeypatch):
    """At one seed `ns+ln` differs from `ns` in the norm alone."""
    if problem == "mnist":
        monkeypatch.setitem(NETWORKS, network, replace(NETWORKS[network], width=1 / 16))
    known = PROBLEMS[problem].configured(network)
    ours, theirs = (FlatNetwork.of(lambda spec=spec: critic_for(known, parse(spec))) for spec in ("ns+ln", "ns"))
    ours, theirs = (one.named(one.initial([3], "critic")[0]) for one in (ours, theirs))
    kept = {name.replace(".plain", ""): value for name, value in ours.items() if "norm." not in name}
    assert all(kept[name].equal(value) for name, value in theirs.items() if "_norm." not in name)


@pytest.mark.parametrize("spec", ["wgan-gp+ln", "r3gan+ln", "ns+ln+gn", "hinge+ln+pac", "hinge+projection+ln"])
def test_it_works_with_gradients_at_single_samples(spec, monkeypatch):
    """Layer norm does not couple the batch where batch norm would."""
    monkeypatch.setitem(NETWORKS, "dcgan", replace(NETWORKS["dcgan"], width=1 / 16))
    known = PROBLEMS["mnist"].configured("dcgan")
    assert not couples_gradients(known, parse(spec))


class Pair:
    """Someone's networks, with batch norm in the critic."""

    noise = 3

    def generator(self, shape):
        """Return a small generator."""
        return nn.Linear(3, shape[0])

    def critic(self, shape):
        """Return a small critic."""
        return nn.Sequential(nn.Linear(shape[0], 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))


class Deeper(Pair):
    """The same without batch norm, in two hidden layers."""

    def critic(self, shape):
        """Return a small critic."""
        return nn.Sequential(nn.Linear(shape[0], 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))


@pytest.mark.parametrize(("pair", "norms"), [(Pair, 1), (Deeper, 2)])
def test_it_applies_to_a_users_pair(pair, norms):
    """It replaces batch norm, or follows each layer but the last; features are the last layer's input."""
    critic = normalise_layers(Outside(pair=pair()).critic("score", (2,)))
    assert sum(isinstance(layer, nn.GroupNorm) for layer in critic.modules()) == norms
    assert not critic.couples_batch
    found = critic(torch.randn(5, 2))
    torch.testing.assert_close(critic.module[-1](found.features).squeeze(-1), found.scores)


@pytest.mark.parametrize("spec", ["wgan-gp+ln", "ebgan+ln", "mmd+ln", "hinge+san+ln", "ns+ln+r1+pac"])
def test_it_trains_in_groups(spec):
    """Updates stay finite, reach the norm's own weights, and members are the same alone as in a stack."""
    members = group(spec, iterations=4)
    start = members.start()
    state, _ = play(members, stop=4)
    assert state.alive.all()
    network = members.play.losses.critic
    before, after = (network.named(one.players.critic[0]) for one in (start, state))
    norms = [name for name in after if "norm.weight" in name]
    assert norms
    assert all(not before[name].equal(after[name]) for name in norms)
    alone, _ = play(group(spec, seeds=(1,), iterations=4), stop=4)
    torch.testing.assert_close(state.players.critic[1], alone.players.critic[0], atol=1e-9, rtol=1e-6)


def test_it_trains_on_images(monkeypatch):
    """WGAN-GP under layer norm on the architecture whose batch norm it replaces."""
    monkeypatch.setitem(NETWORKS, "dcgan", replace(NETWORKS["dcgan"], width=1 / 16))
    problem = PROBLEMS["mnist"].configured("dcgan")
    data = torch.rand(32, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    members = form(problem, parse("wgan-gp+ln"), replace(problem.training, batch=4), range(2), data, 2)
    state, _ = play(members, stop=2)
    assert state.alive.all()
