"""`api.run` takes instances, classes, functions and tensors, and never the record of another source."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from benchmark import api
from benchmark.errors import UserError
from objectives import Hinge, Objective, Penalised, Penalty
from tests.objectives.foundation.notebook import Notebook


@dataclass(frozen=True)
class MyLoss(Objective):
    """A user's loss."""

    margin: float = 1.0

    def critic_loss(self, critic, real, fake, game):
        """Return the hinge loss."""
        return (self.margin - critic(real)).relu().mean() + (self.margin + critic(fake)).relu().mean()

    def generator_loss(self, critic, real, fake, game):
        """Return the mean score."""
        return -critic(fake).mean()


@dataclass(frozen=True)
class MyPenalty(Penalty):
    """A user's penalty."""


class MyPair:
    """A user's networks."""

    noise = 3

    def generator(self, shape):
        """Return a linear map."""
        return nn.Linear(3, *shape)

    def critic(self, shape):
        """Return a linear map."""
        return nn.Linear(*shape, 1)


def spread(samples, truth, generator):
    """Return the standard deviation."""
    return {"spread": samples.std(), "nothing": "there is nothing to measure"}


def run(root, objectives, **arguments):
    """Run for a few iterations and return what was said and the records."""
    said = []
    small = {"problems": "ring", "seeds": 1, "iterations": 4, "pictures": False, "progress": said.append}
    return said, api.run(objectives, results=root, **(small | arguments))


def test_values_run_together_with_names(tmp_path):
    """An instance, a class, a composition, a tensor, a pair of networks and a metric are in one table."""
    points = torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    _, records = run(
        tmp_path,
        [MyLoss(margin=2), MyLoss, Penalised(Hinge(), api_r1()), "ns"],
        problems=[points, "ring"],
        network=MyPair(),
        evaluators=[spread],
    )
    games = [record for record in records if record.kind == "objective"]
    assert len({record.row for record in games}) == 4
    assert len(games) == 8
    for record in games:
        assert record.identity["network"].startswith("MyPair sha256:")
        assert record.scores["spread"].value > 0
        assert record.absent["nothing"] == "there is nothing to measure"
        assert "spread" in record.headline
        assert record.identity["evaluators"]["spread source"]


def api_r1():
    """Return a penalty of ours."""
    from objectives import R1

    return R1(1.0)


METRICS = {
    "failed: ZeroDivisionError": lambda samples, truth, generator: 1 / 0,
    "returned a list": lambda samples, truth, generator: [1],
    "returned '\\[\\]' for a, which is not a number": lambda samples, truth, generator: {"a": []},
    "has a metric 'a b'": lambda samples, truth, generator: {"a b": 1.0},
    "draws from torch's global generator": lambda samples, truth, generator: {"a": torch.rand(1)},
    "changes the truth": lambda samples, truth, generator: {"a": truth.reference.mul_(1.0).sum()},
}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"objectives": 3}, "'int' is not an objective"),
        ({"objectives": MyPenalty}, "'MyPenalty' is a penalty; add it to an objective with Penalised"),
        ({"objectives": "ns", "network": 3}, "'int' is not a pair of networks"),
        ({"objectives": "ns", "evaluators": [3]}, "'int' is not an evaluator"),
        *(({"objectives": "ns", "evaluators": [metric]}, sentence) for sentence, metric in METRICS.items()),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, arguments, sentence):
    """What cannot be used is named, and nothing is written."""
    objectives = arguments.pop("objectives")
    with pytest.raises(UserError, match=sentence):
        run(tmp_path / "runs", objectives, **arguments)
    assert not (tmp_path / "runs").exists()


LOSS = textwrap.dedent(
    """
    from dataclasses import dataclass
    from objectives import Objective

    @dataclass(frozen=True)
    class MyHinge(Objective):
        def critic_loss(self, critic, real, fake, game):
            return (1.0 - critic(real)).relu().mean() + (1.0 + critic(fake)).relu().mean()

        def generator_loss(self, critic, real, fake, game):
            return -critic(fake).mean()
    """
)


def test_a_class_of_a_notebook_is_on_record_until_its_cell_changes(tmp_path, monkeypatch):
    """The same cell run again is found on record; an edited one is another game."""
    notebook = Notebook(monkeypatch)
    keys = []
    for text in (LOSS, LOSS, LOSS.replace("-critic(fake)", "-2 * critic(fake)")):
        notebook.cell(text)
        said, records = run(tmp_path, notebook.names["MyHinge"])
        keys.append({record.key for record in records if record.kind == "objective"})
        assert not any("no source" in sentence for sentence in said)
    assert keys[0] == keys[1] != keys[2]


def test_runs_of_a_piped_class_are_never_reused(tmp_path):
    """Without source, one sentence explains why each call trains again."""
    calls = f"""
from benchmark import api
for _ in range(2):
    said = []
    small = dict(problems="ring", seeds=1, iterations=4, pictures=False, results={str(tmp_path)!r})
    records = api.run(MyHinge, progress=said.append, **small)
    print(sum("MyHinge has no readable source, so its runs are never" in one for one in said))
    print(*[record.key for record in records if record.kind == "objective"])
"""
    found = subprocess.run(
        [sys.executable, "-"], input=LOSS + calls, capture_output=True, text=True, check=True, timeout=120
    )
    first, one, second, other = found.stdout.split()
    assert (first, second) == ("1", "1")
    assert one != other
