"""Objectives that a problem or its networks cannot play: left out with a sentence, while the rest runs."""

from __future__ import annotations

import json

import pytest

from benchmark.store import read_all
from objectives import WRAPPERS, example_of
from objectives.spec import parse, spelling
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]

PAIR = """
from torch import nn

class Pair:
    noise = 8

    def generator(self, shape):
        return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, shape[0]))

    def critic(self, shape):
        return nn.Sequential(nn.Linear(shape[0], 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
"""
SMALL = ("--seeds", "1", "--iterations", "2", "--device", "cpu")
LABELS = {spelling(parse(example_of(name))) for name in WRAPPERS}
GAMES = tuple(word for name in WRAPPERS for word in ("-o", example_of(name)))


@pytest.fixture
def plan(type_in, tmp_path, monkeypatch):
    """Return a function that plans games and gives their problems and rows, and the notes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(PAIR)

    def planned(*words):
        code, _, err = type_in("run", *words, *SMALL, "--dry-run", "--results", "runs", "--json", "plan.json")
        assert code == 0, err
        found = json.loads((tmp_path / "plan.json").read_text())
        return {(line["problem"], line["row"]) for line in found["lines"]}, found["notes"]

    return planned


def left_out(notes):
    """Return the sentences on objectives that cannot be trained."""
    return [note for note in notes if "cannot be trained on" in note]


def test_what_a_problem_cannot_play_is_left_out_there(plan):
    """Augmented images are no points; every wrapper plays wherever else it is asked to."""
    rows, notes = plan("-o", "ns", *GAMES, "-p", "ring", "-p", "digits")
    assert left_out(notes) == [
        f"The objective 'ns+diffaug' cannot be trained on '{problem}': The wrapper diffaug needs images, but "
        f"'{problem}' has samples of shape ({size},)."
        for problem, size in (("ring", 2), ("digits", 64))
    ]
    for problem in ("ring", "digits"):
        assert {row for place, row in rows if place == problem} >= {"ns"} | LABELS - {"ns+diffaug"}


def test_what_a_network_cannot_play_is_left_out(plan):
    """A critic from outside without a layer named score: plain sentences, and all other wrappers play."""
    rows, notes = plan("-o", "ns", *GAMES, "-p", "ring", "--network", "mine.py:Pair")
    said = {note.split("'")[1]: note for note in left_out(notes)}
    assert {"hinge+san", "ns+acgan", "ns+diffaug"} <= set(said)
    assert set(said) | ({row for _, row in rows} & LABELS) == LABELS
    for note in said.values():
        assert "Error" not in note
        assert note.startswith("The objective '")
        assert note.endswith(".")


def test_the_rest_is_trained(type_in, tmp_path):
    """Exit code 3, and the records of what can be played; alone it is a mistake."""
    words = ("-p", "ring", *SMALL, "--no-pictures", "--results", tmp_path / "runs")
    code, out, err = type_in("run", "-o", "ns+diffaug", *words)
    assert is_one_sentence(code, out, err), err
    assert not (tmp_path / "runs").exists()
    code, _, err = type_in("run", "-o", "ns+diffaug", "-o", "ns", *words)
    assert code == 3
    assert err.count("The wrapper diffaug needs images, but 'ring'") == 1
    assert {one.row for one in read_all(tmp_path / "runs")[0]} == {"ns", "gmm", "oracle", "untrained"}


def test_the_rest_is_tuned(type_in, tmp_path):
    """A search leaves out the same objective, and says so before it begins."""
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install optuna")
    words = ("-p", "ring", *SMALL, "--trials", "1", "--selection-seeds", "1", "--results", tmp_path / "runs")
    code, out, err = type_in("tune", "-o", "ns+diffaug", *words)
    assert is_one_sentence(code, out, err), err
    assert not (tmp_path / "runs").exists()
    code, _, err = type_in("tune", "-o", "ns+diffaug", "-o", "ns", *words)
    assert code == 3
    assert err.count("The wrapper diffaug needs images, but 'ring'") == 1
    assert {one.row for one in read_all(tmp_path / "runs")[0] if one.kind == "objective"} == {"ns"}
