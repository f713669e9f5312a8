"""Objectives from outside: those that vectorise, those that do not, and those that are wrong."""

from __future__ import annotations

import sys

import pytest

from benchmark.cli.app import main
from benchmark.engine.trial import settings_vary
from benchmark.store import read_all

HEAD = """
from dataclasses import dataclass
import torch
from torch.nn.functional import relu, softplus
from objectives import Objective

"""

GOOD = (
    HEAD
    + """
@dataclass(frozen=True)
class Mine(Objective):
    margin: float = 1.0

    def critic_loss(self, critic, real, fake, game):
        return relu(self.margin - critic(real)).mean() + relu(self.margin + critic(fake)).mean()

    def generator_loss(self, critic, real, fake, game):
        return -critic(fake).mean()
"""
)

# R1 by torch.autograd.grad, as most repositories write it: vmap cannot follow it.
LONER = (
    HEAD
    + """
@dataclass(frozen=True)
class Mine(Objective):
    def critic_loss(self, critic, real, fake, game):
        x = real.detach().requires_grad_()
        scores = critic(x)
        (slope,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
        return softplus(-scores).mean() + softplus(critic(fake)).mean() + slope.square().sum(1).mean()

    def generator_loss(self, critic, real, fake, game):
        return softplus(-critic(fake)).mean()
"""
)


# Asks in Python whether a setting is above zero: one value answers, a stack of values does not.
ASKING = GOOD.replace(
    "        return relu(self.margin",
    "        assert self.margin > 0\n        return relu(self.margin",
)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs an objective from a file and returns exit code, stdout and stderr."""

    def typed(source: str, *words: str, spec: str = "mine.py:Mine"):
        (tmp_path / "mine.py").write_text(source)
        monkeypatch.chdir(tmp_path)
        small = ("-p", "ring", "--seeds", "2", "--iterations", "5", "--results", "runs")
        monkeypatch.setattr(sys, "argv", ["gan-bench", "run", "-o", spec, *small, *words])
        with pytest.raises(SystemExit) as left:
            main()
        out = capsys.readouterr()
        return left.value.code, out.out, out.err

    return typed


def test_a_users_objective_is_in_the_table(run, tmp_path):
    """An objective from a file, with a setting, is listed with the built-in ones and trains as one group."""
    code, out, _ = run(GOOD, "-o", "ns", spec="mine.py:Mine:margin=2")
    assert code == 0
    assert "Mine:margin=2" in out
    groups = {record.group["members"] for record in read_all(tmp_path / "runs")[0] if record.kind == "objective"}
    assert groups == {2}


def test_settings_of_one_objective_share_a_group(run, tmp_path):
    """Two margins times two seeds train as one stack of four."""
    run(GOOD, "-o", "mine.py:Mine:margin=3", spec="mine.py:Mine:margin=2")
    groups = {record.group["members"] for record in read_all(tmp_path / "runs")[0] if record.kind == "objective"}
    assert groups == {4}


def test_settings_that_control_flow_depends_on_train_separately(run, tmp_path):
    """Two settings of a loss with `if self.margin > 0` train in separate groups, each over its seeds."""
    code, out, err = run(ASKING, "-o", "mine.py:Mine:margin=3", spec="mine.py:Mine:margin=2")
    assert (code, err.count("skipped")) == (0, 0)
    assert "Mine:margin=3" in out
    records = [record for record in read_all(tmp_path / "runs")[0] if record.kind == "objective"]
    assert {(record.row, record.group["members"]) for record in records} == {
        ("mine.py:Mine:margin=2", 2),
        ("mine.py:Mine:margin=3", 2),
    }


def test_a_group_that_cannot_train_is_not_taken_up(run, tmp_path, monkeypatch):
    """Where an earlier version began a group of settings that cannot train together, its members train apart."""
    monkeypatch.setattr("benchmark.runner.groups.settings_vary", lambda *_: True)
    two = ("-o", "mine.py:Mine:margin=3")
    assert run(ASKING, *two, spec="mine.py:Mine:margin=2")[0] != 0
    assert list((tmp_path / "runs").glob("groups/*/manifest.json"))
    monkeypatch.undo()
    assert run(ASKING, *two, spec="mine.py:Mine:margin=2")[0] == 0


def test_a_trial_of_settings_is_made_only_where_a_group_needs_it(run, monkeypatch):
    """One setting, or what is on record, costs no second trial."""
    tried = []

    def noted(problem, objective, training, data):
        tried.append(objective)
        return settings_vary(problem, objective, training, data)

    monkeypatch.setattr("benchmark.runner.groups.settings_vary", noted)
    run(GOOD, spec="mine.py:Mine:margin=2")
    assert not tried
    run(GOOD, "-o", "mine.py:Mine:margin=4", "-o", "mine.py:Mine:margin=5", spec="mine.py:Mine:margin=3")
    assert len(tried) == 1
    run(GOOD, "-o", "mine.py:Mine:margin=4", "-o", "mine.py:Mine:margin=5", spec="mine.py:Mine:margin=3")
    assert len(tried) == 1


# A textbook's gradient penalty mixes real and fake by `torch.rand`.
DRAWS = {
    "torch": "torch.rand(real.shape[0], 1)",
    "Python": "__import__('random').random()",
    "NumPy": "float(__import__('numpy').random.rand())",
}


@pytest.mark.parametrize("whose", DRAWS)
def test_a_draw_that_no_seed_reaches_is_refused(whose, run, tmp_path):
    """One sentence names the generator and the remedy, nothing is written; beside another objective, that one runs."""
    source = GOOD.replace("-critic(fake).mean()", f"-critic({DRAWS[whose]} * real + fake).mean()")
    code, _, err = run(source)
    assert code == 2
    assert err.count("\n") == 1
    for part in (f"draws from {whose}'s global generator", "game.uniform('a name', shape)"):
        assert part in err
    assert not (tmp_path / "runs").exists()
    code, out, err = run(source, "-o", "ns")
    assert code == 3
    assert "global generator" in err
    assert "ns" in out


def test_the_remedy_is_one(run):
    """The same loss with `game.uniform` runs, and vectorises."""
    drawn = "game.uniform('mix', (real.shape[0], 1))"
    code, _, err = run(GOOD.replace("-critic(fake).mean()", f"-critic({drawn} * real + fake).mean()"))
    assert code == 0
    assert "global generator" not in err
    assert "vectorised" not in err


def test_what_cannot_be_vectorised_trains_alone(run, tmp_path):
    """An objective that calls torch.autograd.grad trains one member at a time, with one note that explains why."""
    code, _, err = run(LONER)
    assert code == 0
    assert "cannot be vectorised" in err
    assert "requires_grad_" in err
    assert "mine.py, line" in err
    groups = {record.group["members"] for record in read_all(tmp_path / "runs")[0] if record.kind == "objective"}
    assert groups == {1}


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("-critic(fake).mean()", "-critic(fake)", "scalar"),
        ("-critic(fake).mean()", "-critic(fak).mean()", "fak"),
        ("-critic(fake).mean()", "critic.features(fake) @ real", "shapes"),
    ],
)
def test_a_wrong_objective_gets_one_sentence(run, tmp_path, old, new, part):
    """A vector for a loss, an undefined name, a wrong shape: one sentence, exit code 2, nothing written."""
    code, _, err = run(GOOD.replace(old, new))
    assert code == 2
    assert err.count("\n") == 1
    assert part in err
    assert not (tmp_path / "runs").exists()


def test_a_file_that_changes_every_others_numbers_is_refused(run, tmp_path):
    """Beside a file that sets torch's default dtype, `ns` has the very scores of a run of its own."""
    code, _, err = run(GOOD + "\ntorch.set_default_dtype(torch.float64)\n", "-o", "ns")
    assert code == 3
    assert "'mine.py' changes torch's default dtype for the whole process" in err
    beside = {record.key: record.scores for record in read_all(tmp_path / "runs")[0]}
    run(GOOD, "-o", "ns", "--results", "alone")
    alone = {record.key: record.scores for record in read_all(tmp_path / "alone")[0]}
    assert beside
    assert beside == {key: alone[key] for key in beside}
