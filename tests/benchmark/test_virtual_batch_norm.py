"""Virtual batch norm: its formula, samples that do not depend on one another, and a reference that is the seed's."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from benchmark.engine.group import form
from benchmark.errors import UserError
from benchmark.networks import NETWORKS, Noise
from benchmark.networks.layers import BatchNorm, couples
from benchmark.networks.virtual import VirtualBatchNorm, VirtuallyNormalised, has_batch_norm
from benchmark.problems import PROBLEMS, Training
from objectives.spec import parse
from tests.benchmark.builders import play

SHAPES = {"points": (2,), "images": (1, 28, 28)}
WITH = [name for name, one in NETWORKS.items() if has_batch_norm(one.generator(SHAPES[one.samples], None))]


@pytest.mark.parametrize("shape", [(5,), (5, 4, 3)], ids=str)
def test_the_layer_is_its_formula(shape):
    """A row is normalised as if it were one more of the reference, by means over the reference and itself."""
    plain = BatchNorm(5).double()
    with torch.no_grad():
        plain.weight.copy_(torch.rand(5) + 0.5)
        plain.bias.copy_(torch.randn(5))
    layer, x = VirtualBatchNorm(plain, 7), torch.randn(7 + 3, *shape, dtype=torch.float64)
    found = layer(x)
    assert torch.allclose(found[:7], plain(x[:7]), atol=1e-9)
    for row in (7, 8, 9):
        assert torch.allclose(found[row], plain(torch.cat([x[:7], x[row : row + 1]]))[7], atol=1e-9)


@pytest.mark.parametrize("name", WITH)
def test_samples_do_not_depend_on_their_batch(name):
    """A sample is the same alone as among others, and no layer couples the batch."""
    architecture = dataclasses.replace(NETWORKS[name], width=1 / 16)
    shape = SHAPES[architecture.samples]
    network = VirtuallyNormalised(architecture.generator(shape, None), architecture.noise)
    z = torch.randn(5, architecture.noise.dimension)
    assert torch.allclose(network(z)[2:3], network(z[2:3]), atol=1e-5)
    assert not couples(network)
    assert network(z).shape == (5, *shape)


def test_uniform_noise_has_a_uniform_reference():
    """The reference comes from the generator's own noise."""
    network = VirtuallyNormalised(torch.nn.Sequential(BatchNorm(3)), Noise(3, "uniform", 0.5))
    assert 0.4 < float(network.reference.abs().max()) <= 0.5
    assert not network.reference.requires_grad


@pytest.mark.parametrize(("problem", "name"), [("ring", "pacgan"), ("digits", "dcgan")])
def test_it_trains_in_groups_and_keeps_the_reference(problem, name, monkeypatch):
    """Members have references of their own seeds, which training leaves alone; mapped equals looped."""
    monkeypatch.setitem(NETWORKS, name, dataclasses.replace(NETWORKS[name], width=1 / 16))
    known = PROBLEMS[problem].configured(f"{name}:vbn=true")
    assert known.network == f"{name}:vbn=true"
    data = torch.rand(32, known.source.shape[0], dtype=torch.float64)

    def members(seeds):
        return form(known, parse("ns"), Training(batch=8), seeds, data, 3)

    both = members((3, 4))
    before, after = both.start(), play(both, stop=3)[0]
    network = both.play.losses.generator
    references = []
    for member in (0, 1):
        old, new = (network.named(state.players.generator[member]) for state in (before, after))
        names = [key for key in old if key.endswith("reference")]
        assert len(names) == 1
        assert torch.equal(old[names[0]], new[names[0]])
        assert any(not torch.equal(old[key], new[key]) for key in old if key not in names)
        references.append(old[names[0]])
    assert not torch.equal(*references)
    alone = play(members((4,)), stop=3)[0].players.generator[0]
    assert torch.allclose(after.players.generator[1], alone, rtol=1e-8, atol=1e-10)
    assert torch.isfinite(both.sample(after, 20)).all()


def test_a_conditional_generator_takes_it(tmp_path):
    """The reference has each class in turn, and a conditional game trains."""
    known = PROBLEMS["ring"].configured("pacgan:vbn=true")
    data = known.load(tmp_path)
    known = known.fitted(data)
    members = form(known, parse("ns+projection"), Training(batch=8), (0, 1), data.training[:64], 2)
    state = play(members, stop=2)[0]
    assert bool(state.alive.all())


def test_the_same_weights_as_without():
    """Only the reference is added behind the weights that the seed gives anyway."""
    plain, virtual = (PROBLEMS["ring"].configured(name) for name in ("pacgan", "pacgan:vbn=true"))
    first, second = (
        form(one, parse("ns"), Training(batch=8), (0,), torch.rand(32, 2), 3).start().players.generator[0]
        for one in (plain, virtual)
    )
    assert {value.item() for value in first[:500]} <= {value.item() for value in second}


@pytest.mark.parametrize("name", ["mlp", "unrolled"])
def test_what_has_no_batch_norm_is_refused(name):
    """One sentence names the architecture."""
    with pytest.raises(UserError, match=f"'{name}' has no batch norm"):
        PROBLEMS["ring"].configured(f"{name}:vbn=true")
