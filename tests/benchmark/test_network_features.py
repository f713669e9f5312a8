"""`--features NAME --weights PATH`: images judged by a published network, through the command line."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

from benchmark import api
from benchmark.store import read_all
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.data_builders import change
from tests.evaluators.builders import tiny_clip, tiny_dinov2

__all__ = ["type_in"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder to work in, with two sets of colour images and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(0)
    for name in ("mine", "real"):
        np.savez(tmp_path / f"{name}.npz", draws.integers(0, 256, size=(60, 8, 8, 3), dtype=np.uint8))
    return tmp_path


def columns(out):
    """Return the words of the table's heading."""
    return next(line for line in out.splitlines() if "row" in line or "objective" in line)


def test_samples_are_scored_against_a_reference_on_dinov2(type_in, place, monkeypatch):
    """The columns carry the network's name; the Vendi score where it is asked for."""
    weights = tiny_dinov2(place, monkeypatch)
    words = ("score", "mine.npz", "--reference", "real.npz", "--features", "dinov2", "--weights", weights)
    code, out, err = type_in(*words, "--evaluator", "frechet", "--evaluator", "vendi", "--format", "json")
    assert code == 0, err
    assert {"fd-dinov2", "vendi-dinov2"} <= set(re.findall(r'"metric": "([\w-]+)"', out))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 60 samples are few, and it says so
        frame = api.score("mine.npz", reference="real.npz", features="dinov2", weights=weights, evaluators=["frechet"])
    assert "fd-dinov2" in set(frame["metric"])


def test_a_run_is_judged_by_clip(type_in, place, monkeypatch):
    """Digits as images of three equal channels: cmmd first, then the distances on its features."""
    weights, _ = tiny_clip(place, monkeypatch)
    change(monkeypatch, "digits", samples=60)
    words = ("run", "-o", "ns", "-p", "digits", "--seeds", "1", "--iterations", "2", "--no-pictures")
    code, out, err = type_in(*words, "--features", "clip", "--weights", weights, "--results", place / "runs")
    assert code == 0, err
    assert all(name in columns(out) for name in ("cmmd ↓", "fd-clip ↓", "kid-clip ↓"))
    assert "large colour photographs" in " ".join(err.split())
    records = read_all(place / "runs")[0]
    assert {"cmmd", "fd-clip", "kid-clip"} <= set(records[0].scores)


RUN = ("run", "-o", "ns", "-p", "digits")
AGAINST = ("score", "mine.npz", "--reference", "real.npz")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*RUN, "--features", "dinov2", "--weights", "absent.pth"), "There is no file 'absent.pth'"),
        ((*RUN, "--features", "clip", "--weights", "mine.npz"), "that of clip begins with 3035c92b35095992"),
        ((*RUN, "--features", "vgg16", "--weights", "mine.npz"), "that of vgg16 begins with 397923af"),
        ((*RUN, "--features", "dinov2", "--weights", "mine.npz"), "does not contain weights of dinov2"),
        ((*RUN, "--features", "dinov2-vit-s-14", "--weights", "dinov2.pth"), "are of a network other than"),
        ((*RUN, "--features", "dinov3", "--weights", "dinov2.pth"), "Did you mean 'dinov2'"),
        ((*RUN, "--features", "dinov2"), "--weights FILE"),
        ((*RUN, "--weights", "dinov2.pth"), "Name the network of these weights"),
        ((*RUN, "--inception-weights", "dinov2.pth", "--weights", "mine.npz"), "give one of the two"),
        ((*RUN, "--features", "clip", "--inception-weights", "dinov2.pth"), "not 'clip'"),
        (("run", "-o", "ns", "-p", "ring", "--features", "dinov2", "--weights", "dinov2.pth"), "do not apply"),
        ((*AGAINST, "--features", "dinov2"), "--weights FILE"),
        ((*AGAINST, "--features", "vgg16", "--weights", "absent.pth"), "There is no file"),
        ((*AGAINST, "--features", "dino"), "Did you mean 'dinov2'"),
        (("score", "mine.npz", "-p", "digits", "--features", "pixels"), "Unknown network 'pixels'"),
    ],
)
def test_each_slip_is_one_sentence(type_in, place, monkeypatch, words, said):
    """Exit code 2, nothing written, nothing of a file executed."""
    tiny_dinov2(place, monkeypatch)
    result = type_in(*words)
    assert is_one_sentence(*result)
    assert said in " ".join(result[2].split())
    assert not (place / "results").exists()
