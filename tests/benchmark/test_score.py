"""Samples made elsewhere: every form has the same scores, next to the controls, in a row that is never ranked."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from benchmark import api
from benchmark.errors import UserError
from benchmark.leaderboard import rankings, tables
from benchmark.problems import PROBLEMS
from benchmark.problems.files import MissingData
from benchmark.runner.evaluate import evaluate_samples
from benchmark.runner.paths import cache_directory
from benchmark.runner.progress import silent
from benchmark.runner.request import Request
from benchmark.runner.score import score
from benchmark.runner.scoring_task import problem_task
from benchmark.store import read_all
from tests.benchmark.cli_builders import is_one_sentence, store, type_in
from tests.benchmark.test_sample_sets import forms

__all__ = ["type_in"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder to work in, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def samples(problem, count, place):
    """Return real samples as bytes [N, H, W, C], sorted by their content: no random order."""
    images = problem.load(place).training[:count].reshape(count, *problem.source.image)
    values = (images * 255.0).round().to(torch.uint8).numpy()
    return np.moveaxis(values[np.lexsort(values.reshape(count, -1).T)], 1, -1)


def scores_of_forms(problem, request, values, place):
    """Return the scores of all forms of one set, and those that the protocol gives the same tensor."""
    task = problem_task(request, cache_directory(), silent())
    found = [score(form, task, "mine", 0).record.scores for form in forms(place, values)]
    tensor = torch.from_numpy(np.moveaxis(values, -1, 1).copy()).float() / 255.0
    right = evaluate_samples(task.problem, task.data, tensor.reshape(-1, *task.problem.source.shape), 0).scores
    return found, right


def same(found, right, tolerance=1e-9):
    """Return whether scores are those of the protocol."""
    return found.keys() == right.keys() and all(
        abs(found[name].value - right[name].value) <= tolerance for name in right
    )


def test_every_form_of_one_set_has_the_scores_of_the_protocol(place):
    """Bytes, floats, folder and archive: to 1e-9 what `judge` gives the same images."""
    problem = PROBLEMS["digits"]
    request = Request(problems=("digits",), objectives=(), seeds=(0,), evaluators=("manifold",))
    found, right = scores_of_forms(problem, request, samples(problem, 120, place), place)
    assert {"fd-digits", "is-digits", "parzen", "precision_k5-digits", "coverage_k5-digits"} <= right.keys()
    assert len(found) == 10
    assert all(same(one, right) for one in found)


@pytest.mark.full
def test_mnists_test_images_have_one_score_in_every_form(place):
    """10,000 images, with precision, recall, density and coverage."""
    problem = PROBLEMS["mnist"]
    try:
        problem.load(place)
    except MissingData as error:
        pytest.skip(str(error))
    request = Request(problems=("mnist",), objectives=(), seeds=(0,), evaluators=("manifold",))
    found, right = scores_of_forms(problem, request, samples(problem, 10_000, place), place)
    assert all(same(one, right) for one in found)


def test_a_submission_is_shown_with_controls_and_never_ranked(place, type_in):
    """The row is marked, several sets have an interval, and `leaderboard` shows what was recorded."""
    draws = np.random.default_rng(0)
    for number in range(2):
        np.savez(f"{number}.npz", draws.normal(size=(300, 2)))
    words = ("score", "0.npz", "1.npz", "--problem", "ring", "--as", "mine", "--json", "out.json")
    code, out, err = type_in(*words)
    assert code == 0
    assert "mine (submission)" in out
    assert "oracle (control)" in out
    assert "±" in out
    assert "budget is unknown" in out
    assert "0.npz has 300 samples but the protocol uses 2,500" in err
    content = json.loads((place / "out.json").read_text())
    assert content["command"] == "score"
    assert any("0.npz has 300" in caution for caution in content["cautions"])
    records, unreadable = read_all(place / "results" / "runs")
    assert not unreadable
    assert [(record.kind, record.row, record.seed, record.track) for record in records] == [
        ("submission", "mine", 0, None),
        ("submission", "mine", 1, None),
    ]
    assert records[0].identity["samples"].startswith("sha256:")
    assert "gradient_evaluations" not in records[0].comparable
    code, out, _ = type_in("leaderboard")
    assert code == 0
    assert "mine (submission)" in out
    (table,) = tables(records)
    assert rankings([table]) == []
    assert len(table.rows) == 1


def test_a_submission_joins_the_table_of_runs_without_entering_its_order(tmp_path):
    """It is in the table of two objectives, unranked, whatever its value."""
    store(tmp_path, "ns", [0.5, 0.6, 0.4])
    store(tmp_path, "good", [0.8, 0.9, 0.7])
    store(tmp_path, "elsewhere", [0.99, 0.98, 0.97], kind="submission")
    (table,) = tables(read_all(tmp_path)[0])
    assert [row.mark for row in table.rows] == ["submission", "", ""]
    (ranking,) = rankings([table])
    assert "elsewhere" not in ranking.ranks
    assert set(ranking.ranks) == {"ns", "good"}


@pytest.mark.filterwarnings("ignore::UserWarning")  # cautions: the sets are small
def test_a_reference_needs_no_problem(place):
    """A set against another of its own distribution is near, against another distribution far; block means too."""
    draws = np.random.default_rng(0)
    real, other = draws.random((200, 8, 8, 1)), draws.random((150, 8, 8, 1))
    near = api.score(other, reference=real, evaluators=["frechet"])
    far = api.score(other**3, reference=real, evaluators=["frechet"])
    blocks = api.score(other, reference=real, features="pixels4", evaluators=["frechet"])
    value = {name: float(frame["mean"][0]) for name, frame in (("near", near), ("far", far))}
    assert near["metric"][0] == "fd-pixels"
    assert blocks["metric"][0] == "fd-pixels4"
    assert value["near"] < value["far"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_order_of_the_samples_changes_nothing(place):
    """More samples than are judged: a random part is taken that no order decides."""
    values = np.random.default_rng(0).normal(size=(400, 2))
    scores = [
        api.score(one, reference=values[:100], count=60, evaluators=["transport"])["mean"].dropna().tolist()
        for one in (values, values[np.argsort(values[:, 0])])
    ]
    assert scores[0] == scores[1] != []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("points.npz",), "one of --problem NAME and --reference PATH"),
        (("points.npz", "-p", "ring", "--reference", "points.npz"), "one of --problem NAME and --reference PATH"),
        (("points.npz", "-p", "ring", "--features", "pixels"), "Unknown network 'pixels'"),
        (("points.npz", "-p", "rng"), "Did you mean 'ring'"),
        (("points.npz", "-p", "ring", "--as", "ns"), "name of an objective or a control"),
        (("points.npz", "-p", "ring", "--layout", "CHW"), "NCHW or NHWC"),
        (("points.npz", "-p", "digits"), r"[N, 2]; digits needs images of 1x8x8"),
        (("missing.npz", "-p", "ring"), "There is no file or folder 'missing.npz'"),
        (("large.npz", "--reference", "large.npz", "--features", "vgg"), "Unknown features 'vgg'"),
        (("points.npz", "--reference", "points.npz", "--evaluator", "modes"), "does not apply to this reference"),
        (("points.npz", "--reference", "large.npz"), "--features pixels8"),
        (("points.npz", "-p", "ring", "--evaluator", "frchet"), "Did you mean"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_a_mistake_is_one_sentence(place, type_in, words, said):
    """Exit code 2, and nothing is recorded."""
    np.savez("points.npz", np.random.default_rng(0).normal(size=(50, 2)))
    np.savez("large.npz", np.zeros((20, 64, 64, 3), np.uint8))
    code, out, err = type_in("score", *words)
    assert is_one_sentence(code, out, err), err
    assert said in err
    assert not (place / "results").exists()


def test_a_tensor_of_another_range_is_refused():
    """Samples in [-1, 1] have no score as images in [0, 1]."""
    with pytest.raises(UserError, match=r"are in \[-1, 1\]"):
        api.score(torch.linspace(-1, 1, 640).reshape(10, 1, 8, 8), problem="digits")
