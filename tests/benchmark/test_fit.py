"""What an objective needs: a critic under spectral normalisation, images, gradients at single samples."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
import torch

from benchmark.engine.fit import couples_gradients
from benchmark.engine.flat import FlatNetwork
from benchmark.engine.group import dynamics_for, form
from benchmark.errors import UserError
from benchmark.networks import NETWORKS
from benchmark.networks.layers import Spectral
from benchmark.networks.spectral import normalise_spectrally
from benchmark.problems import PROBLEMS, Training
from objectives import NonSaturating, Traits
from objectives.spec import parse
from tests.benchmark.builders import group, play
from tests.benchmark.cli_builders import type_in  # noqa: F401


def narrow_critic(name, kind):
    """Build a narrow critic of a pair."""
    pair = replace(NETWORKS[name], width=1 / 16)
    return pair.critic(kind, (2,) if pair.samples == "points" else (1, 28, 28))


@pytest.mark.parametrize("kind", ["score", "energy", "embedding"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_architecture_can_be_normalised(name, kind):
    """After a few power iterations every layer's matrix has a largest singular value of 1."""
    flat = FlatNetwork.of(lambda: normalise_spectrally(narrow_critic(name, kind)))
    parameters = flat.initial([0], "critic")[0]
    for _ in range(30):
        parameters = flat.with_updated_state(parameters)
    layers = {path: layer for path, layer in flat.module.named_modules() if isinstance(layer, Spectral)}
    assert layers
    for path, value in flat.named(parameters).items():
        owner, _, last = path.rpartition(".")
        if owner in layers:
            layers[owner].get_parameter(last).data.copy_(value)
    for layer in layers.values():
        largest = torch.linalg.matrix_norm(layer.matrix(layer.normalised().detach()), 2)
        assert largest.item() == pytest.approx(1.0, abs=0.05)


def test_normalised_and_plain_critics_start_from_the_same_weights():
    """At one seed `hinge+sn` differs from `hinge` in the norm alone."""
    plain, normalised = group("hinge").play.losses.critic, group("hinge+sn").play.losses.critic
    ours, theirs = (network.named(network.initial([3], "critic")[0]) for network in (normalised, plain))
    assert all(ours[name].equal(theirs[name]) for name in theirs)
    assert len(ours) == len(theirs) + 3  # a direction for each layer


def test_a_planar_critic_stays_normalised_in_training():
    """One power iteration an update follows the weights: the norm of each layer stays near 1."""
    members = group("hinge+sn", iterations=40)
    state, _ = play(members, stop=40)
    network = members.play.losses.critic
    named = network.named(state.players.critic[0])
    for path, layer in network.module.named_modules():
        if isinstance(layer, Spectral):
            weight, u = named[f"{path}.weight"], named[f"{path}.direction"]
            v = weight.T @ u / torch.linalg.vector_norm(weight.T @ u)
            assert 1.0 <= torch.linalg.matrix_norm(weight, 2) / (u @ weight @ v) < 1.05


def test_augmentation_of_points_is_refused():
    """One sentence names the problem."""
    with pytest.raises(UserError, match="diffaug needs images, but 'ring' has samples of shape"):
        group("ns+diffaug")


def test_augmentation_of_images_trains(monkeypatch):
    """Both players' updates stay finite on images."""
    monkeypatch.setitem(NETWORKS, "dcgan", replace(NETWORKS["dcgan"], width=1 / 16))
    problem = PROBLEMS["mnist"].configured("dcgan")
    data = torch.rand(32, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    members = form(problem, parse("hinge+diffaug"), replace(problem.training, batch=4), range(2), data, 2)
    state, _ = play(members, stop=2)
    assert state.alive.all()


@pytest.mark.parametrize(
    ("spec", "network", "coupled"),
    [
        *((spec, "dcgan", True) for spec in ("wgan-gp", "ns+gn", "cramer", "r3gan", "hinge+r2+pac")),
        *((spec, "dcgan", False) for spec in ("ns", "hinge+pac", "mmd-fixed", "hinge+cr")),
        *(("ns+r1", "infogan-bn", True), ("ns+r1", "infogan", False), ("wgan-gp", "conv", False)),
    ],
)
def test_single_sample_gradients_of_a_coupled_batch_are_known(spec, network, coupled, monkeypatch):
    """Every pair of the two facts, and no other."""
    monkeypatch.setitem(NETWORKS, network, replace(NETWORKS[network], width=1 / 16))
    assert couples_gradients(PROBLEMS["mnist"].configured(network), parse(spec)) == coupled


@dataclass(frozen=True)
class Stopping(NonSaturating):
    """An objective that declares stopped gradients."""

    traits = Traits(detaches=True)


@pytest.mark.parametrize("dynamics", ["unrolled", "consensus"])
def test_dynamics_that_look_ahead_refuse_stopped_gradients(dynamics):
    """They would differentiate through what is stopped."""
    with pytest.raises(UserError, match=f"The dynamics '{dynamics}' differentiate through updates"):
        dynamics_for(Training(dynamics=dynamics), Stopping())
    assert dynamics_for(Training(), Stopping())


def test_a_coupled_gradient_is_noted_at_the_run_and_below_the_table(type_in, tmp_path, monkeypatch):  # noqa: F811
    """R1 under batch norm runs, and both notes name the row."""
    monkeypatch.setitem(NETWORKS, "infogan-bn", replace(NETWORKS["infogan-bn"], width=1 / 16))
    request = ("-p", "digits", "--network", "infogan-bn", "--seeds", "1", "--iterations", "1")
    code, out, err = type_in("run", "-o", "ns+r1", "-o", "ns", *request, "--results", tmp_path)
    assert code == 0, err
    told = " ".join((out + err).split())
    assert "ns+r1 penalises each sample's own gradient" in told
    assert "ns+r1: the paper's penalty uses each sample's own gradient, but this critic couples the samples" in told
    assert "ns penalises" not in told
