"""`gan-bench check` on networks, problems, evaluators and trackers: what keeps its contract, and what breaks it."""

from __future__ import annotations

import json
import textwrap

import pytest

from benchmark.catalogue.contracts import CONTRACTS
from benchmark.catalogue.kinds import find_any
from benchmark.networks import NETWORKS
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]

MINE = textwrap.dedent(
    """
    import numpy as np
    import torch
    from torch import nn
    from objectives import Hinge

    def energy(samples, truth, generator):
        x, y = samples.double(), truth.reference[:600].double()
        return {"energy": 2 * torch.cdist(x, y).mean() - torch.cdist(x, x).mean() - torch.cdist(y, y).mean()}
    energy.better = "lower"

    def backwards(samples, truth, generator):
        return energy(samples, truth, generator)
    backwards.better = "higher"

    CALLS = []
    def moody(samples, truth, generator):
        CALLS.append(1)
        return {"moody": len(CALLS)}

    def spots(count=200):
        return None

    def Ring():
        angle = torch.linspace(0, 6.28, 400)
        return torch.stack([angle.cos(), angle.sin()], 1)

    def Twice():
        points = torch.linspace(0, 1, 50).repeat(8)
        return torch.stack([points, points], 1)

    def composed():
        return Hinge(margin=2.0)

    class Half:
        noise = 4
        def generator(self, shape):
            return nn.Linear(4, *shape)

    class Pair(Half):
        def critic(self, shape):
            return nn.Linear(*shape, 1)

    class Unseeded(Pair):
        def generator(self, shape):
            module = nn.Linear(4, *shape)
            module.weight.data = torch.tensor(np.random.rand(*module.weight.shape), dtype=torch.float32)
            return module

    class Coupled(Pair):
        def critic(self, shape):
            return nn.Sequential(nn.Linear(*shape, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))

    class Wrong(Pair):
        def critic(self, shape):
            return nn.Linear(*shape, 3)

    class Dead(Pair):
        def critic(self, shape):
            return nn.Sequential(nn.Linear(*shape, 1), nn.Threshold(1e9, 0.0))

    class Log:
        def start(self, run): self.run = run
        def step(self, iteration, values): pass
        def samples(self, samples): pass
        def evaluation(self, scores): pass
        def end(self, record): pass

    class Stern(Log):
        def end(self, record): record.key
    """
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Write the user's file, go beside it, and return what spells a name in it."""
    (tmp_path / "mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    return lambda name: f"mine.py:{name}"


@pytest.mark.parametrize(
    ("name", "word", "failing"),
    [
        ("energy", "evaluator", set()),
        ("backwards", "evaluator", {"direction"}),
        ("moody", "evaluator", {"repeat", "arrays"}),
        ("Ring", "problem", set()),
        ("Twice", "problem", {"splits", "selection"}),
        ("Pair", "network", set()),
        ("Half", "network", set()),
        ("Unseeded", "network", {"generator: weights"}),
        ("Coupled", "network", set()),
        ("Wrong", "network", {"shapes"}),
        ("Dead", "network", {"score: gradients"}),
        ("Log", "tracker", set()),
        ("Stern", "tracker", {"a run", "an interruption"}),
    ],
)
def test_a_contract_is_kept_or_broken(place, tmp_path, name, word, failing):
    """Each thing is known for what it is, and fails exactly the laws that it breaks."""
    found = find_any(place(name))
    assert found.word == word
    results = CONTRACTS[word](found.value, tmp_path)
    assert {result.name for result in results if result.passed is False} == failing
    if name == "Coupled":
        assert next(result for result in results if result.name == "score: apart").passed is None


@pytest.mark.parametrize("name", ["goodfellow2014", "mlp", "pacgan"])
def test_our_own_networks_keep_the_contract(name, tmp_path):
    """Architectures of the table pass their own check."""
    assert not [result for result in CONTRACTS["network"](NETWORKS[name], tmp_path) if result.passed is False]


def test_the_command_checks_several_kinds_at_once(type_in, place, tmp_path):
    """Objectives and other kinds are in one report and one file; a law that fails gives exit code 4."""
    words = ["check", "ns", place("composed"), place("Pair"), place("energy"), "--json", tmp_path / "check.json"]
    code, out, _ = type_in(*words)
    assert code == 0
    assert "2 of 2 others satisfy the contract of their kind" in out
    assert "2 of 2 objectives" in out
    found = json.loads((tmp_path / "check.json").read_text())
    assert [one["name"] for one in found["others"]] == [place("Pair"), place("energy")]
    assert found["as_expected"]
    assert type_in("check", place("backwards"))[0] == 4


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("spots", "is not one of the kinds that can be checked: objective, problem, network, evaluator, tracker"),
        ("energy:size=3", "An evaluator accepts no settings here"),
        ("Gone", "has no 'Gone'"),
    ],
)
def test_a_mistake_is_one_sentence(type_in, place, name, sentence):
    """What cannot be checked is named."""
    code, out, err = type_in("check", place(name))
    assert is_one_sentence(code, out, err)
    assert sentence in err
