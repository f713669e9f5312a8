"""Networks from outside: plain modules of one member, which train as stacks like our own."""

from __future__ import annotations

import dataclasses
import textwrap

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.errors import UserError
from benchmark.networks.outside import METHODS, has_source, network_name, outside_architecture
from benchmark.networks.plain import couples_batch, with_pure_layers
from benchmark.problems import PROBLEMS
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from benchmark.store import read_all
from objectives import AS_SHIPPED, OBJECTIVES
from objectives.spec import parse
from tests.benchmark.cli_builders import type_in

__all__ = ["type_in"]

MINE = textwrap.dedent(
    """
    from dataclasses import dataclass
    from torch import nn

    @dataclass(frozen=True)
    class Small:
        width: int = 16
        noise = 4

        def generator(self, shape):
            return nn.Sequential(nn.Linear(4, self.width), nn.ReLU(), nn.Linear(self.width, shape[0]))

        def critic(self, shape):
            return nn.Sequential(nn.Linear(shape[0], self.width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(self.width, 1))
    """
)


@pytest.fixture
def mine(tmp_path):
    """Return the path of a file with a pair."""
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path / "mine.py"


def steps(problem, spec, members, iterations=3):
    """Play a few iterations and return the critics' and generators' parameters."""
    data = problem.load(None).training[:64]
    training = dataclasses.replace(problem.training, batch=8)
    group = form(problem, parse(spec), training, range(members), data, iterations)
    state = group.start()
    for batch in feed(group, 0, iterations):
        state, _ = group.step(state, batch)
    return state


@pytest.mark.parametrize("spec", ["ns", "wgan-gp", "r3gan", "feature-matching"])
def test_members_train_as_they_do_alone(mine, spec):
    """A stack of two is two runs, dropout and all: no draw and no state of one member reaches the other."""
    problem = PROBLEMS["ring"].configured(f"{mine}:Small")
    both = steps(problem, spec, 2).critic.parameters
    alone = steps(problem, spec, 1).critic.parameters
    assert torch.allclose(both[0], alone[0], atol=1e-5)
    assert not torch.equal(both[0], both[1])


def test_its_name_says_what_it_is(mine, tmp_path):
    """The class, its settings and its source are the identity, whatever the path."""
    plain, wide = outside_architecture(f"{mine}:Small"), outside_architecture(f"{mine}:Small:width=32")
    assert network_name(plain).startswith("Small sha256:")
    assert network_name(wide).startswith("Small:width=32 sha256:")
    assert wide.pair.width == 32
    (tmp_path / "copy.py").write_text(MINE)
    assert network_name(outside_architecture(f"{tmp_path / 'copy.py'}:Small:width=16")) == network_name(plain)
    (tmp_path / "other.py").write_text(MINE + "# changed\n")
    assert network_name(outside_architecture(f"{tmp_path / 'other.py'}:Small")) != network_name(plain)
    assert has_source(plain)


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        ("{}:Smal", "has no 'Smal'; it defines Small"),
        ("{}", "is a file; name the network in it"),
        ("{}:Small:depth=3", "Unknown setting 'depth' of 'Small'"),
        ("{}:Small:width=x", "width must be a whole number, got 'x'"),
        ("{}:dataclass", "is not a pair of networks"),
        ("nowhere.py:Small", "There is no file 'nowhere.py'"),
    ],
)
def test_a_mistake_is_one_sentence(mine, network, sentence):
    """What is wrong with the name of a network is one sentence."""
    with pytest.raises(UserError, match=sentence):
        PROBLEMS["ring"].configured(network.format(mine))


class Counting(nn.Module):
    """A layer with hidden state."""

    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x):
        """Count calls."""
        self.count += 1
        return x


def test_layers_with_hidden_state_are_replaced():
    """Batch norm and spectral norm keep their weights and compute the same on a batch; dropout keeps all."""
    torch.manual_seed(0)
    module = nn.Sequential(
        spectral_norm(nn.Linear(3, 8), n_power_iterations=15), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1)
    )
    x = torch.randn(16, 3)
    pure = with_pure_layers(module)
    expected = nn.Sequential(*list(module)[:2], list(module)[3])(x)
    assert torch.allclose(pure(x), expected, atol=1e-2)
    assert not list(pure.buffers())
    assert couples_batch(pure, (3,))
    assert not couples_batch(pure[0], (3,))


def test_another_hidden_state_is_refused():
    """A buffer that changes as the module computes is named."""
    with pytest.raises(ValueError, match="changes its buffer 'count'"):
        couples_batch(Counting(), (3,))


FAULTS = {
    "return nn.Linear(2, 3)": "the critic returns scores of shape",
    "return nn.Linear(5, 1)": "RuntimeError: mat1 and mat2 shapes cannot be multiplied",
    "return 1 / 0": r"ZeroDivisionError: division by zero \(.*mine.py, line",
    "return 3": r"critic\(shape\) returns a int, not a torch.nn.Module",
    "return nn.utils.spectral_norm(nn.Linear(2, 1))": "changes its buffer",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_of_the_network_is_its_own(tmp_path, line):
    """What fails in a pair is left out with one sentence that names the pair, not the objective."""
    kept = MINE[: MINE.index("        return nn.Sequential(nn.Linear(shape[0]")]
    (tmp_path / "mine.py").write_text(kept + f"        {line}\n")
    request = Request(["ring"], ["ns"], (0,), iterations=2, network=f"{tmp_path / 'mine.py'}:Small")
    with pytest.raises(UserError, match=f"^The network 'Small' cannot be used: .*{FAULTS[line]}"):
        plan(request, tmp_path)


def test_an_objective_that_lacks_its_critic_is_left_out(mine, tmp_path):
    """Where a pair has no autoencoder, EBGAN is named with what is missing, and the others play."""
    planned = plan(Request(["ring"], ["ns", "ebgan"], (0,), iterations=2, network=f"{mine}:Small"), tmp_path)
    assert planned.faults == ("The network 'Small' has no energy(shape), which this objective needs.",)
    assert {run.experiment.row for run in planned.runs} == {"ns", "gmm", "oracle", "untrained"}


EVERY = textwrap.dedent(
    """
    from torch import nn

    class GeneratorOnly:
        noise = 4

        def generator(self, shape):
            return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, *shape))

    class Every(GeneratorOnly):
        def critic(self, shape):
            return nn.Sequential(nn.Linear(*shape, 8), nn.ReLU(), nn.Linear(8, 1))

        def energy(self, shape):
            return nn.Sequential(nn.Linear(*shape, 8), nn.ReLU(), nn.Linear(8, *shape))

        def embedding(self, shape):
            return nn.Sequential(nn.Linear(*shape, 8), nn.ReLU(), nn.Linear(8, 3))
    """
)


@pytest.mark.parametrize("name", ["Every", "GeneratorOnly"])
def test_every_objective_plays_on_a_pair_or_says_what_it_lacks(tmp_path, name):
    """With a module of each kind the whole table plays, and without a critic what needs none; nothing traces back."""
    (tmp_path / "mine.py").write_text(EVERY)
    kinds = {game: parse(game).traits.critic_kind for game in (*OBJECTIVES, *AS_SHIPPED)}
    mine = f"{tmp_path / 'mine.py'}:{name}"
    planned = plan(Request(["ring"], list(kinds), (0,), iterations=2, network=mine), tmp_path)
    rows = {run.experiment.row for run in planned.runs if run.experiment.objective is not None}
    if name == "Every":
        assert set(OBJECTIVES) <= rows
        assert all(
            fault.endswith("whose scores are one linear layer of its features, named score.")
            for fault in planned.faults
        )
    else:
        assert rows == {game for game, kind in kinds.items() if kind == "none"}
        assert sorted(planned.faults) == sorted(
            f"The network 'GeneratorOnly' has no {method}(shape), which this objective needs."
            for method in METHODS.values()
        )


def test_a_pair_without_a_critic_trains(type_in, tmp_path):
    """An objective without a critic runs to its end, with a record, a curve and a kept generator."""
    (tmp_path / "mine.py").write_text(EVERY)
    network = f"{tmp_path / 'mine.py'}:GeneratorOnly"
    words = (
        "-o",
        "mmd-fixed",
        "-p",
        "ring",
        "--seeds",
        "1",
        "--iterations",
        "3",
        "--network",
        network,
        "--no-pictures",
    )
    code, _, err = type_in("run", *words, "--keep-generators", "--results", tmp_path / "runs")
    assert code in (0, 3), err
    (made,) = (one for one in read_all(tmp_path / "runs")[0] if one.row == "mmd-fixed")
    assert made.scores["modes"].value >= 0
