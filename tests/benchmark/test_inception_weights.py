"""`--inception-weights`: images judged by the FID Inception network, and by nothing else under its names."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from benchmark import api
from benchmark.errors import UserError
from benchmark.problems import PROBLEMS, NetworkFile, on_network, problem_of
from benchmark.store import read_all
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in
from tests.benchmark.data_builders import change, small_images
from tests.evaluators.builders import stub_inception

__all__ = ["type_in"]


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """Return an accepted weights file, a stub in the network's place, and little work in all problems."""
    small_images(monkeypatch, tmp_path)
    for name in ("digits", "mnist"):
        change(monkeypatch, name, samples=120)
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    return stub_inception(tmp_path, monkeypatch)


def test_a_run_has_fid_and_a_separate_table(type_in, weights, tmp_path):
    """The headline is fid, is, kid and Parzen; runs with and without the weights are in two tables, with a note."""
    words = ("-p", "mnist", "--seeds", "1", "--iterations", "2", "--no-pictures", "--results", tmp_path / "runs")
    code, out, err = type_in("run", "-o", "ns", *words, "--inception-weights", weights)
    assert code == 0, err
    heading = next(line for line in out.splitlines() if "objective" in line)
    assert all(name in heading for name in ("fid ↓", "is ↑", "kid ↓", "parzen ↑"))
    assert "-mnist" not in heading
    assert "grey 28x28 images" in " ".join(err.split())
    assert type_in("run", "-o", "ns", *words)[0] == 0
    records = read_all(tmp_path / "runs")[0]
    fingerprints = {record.identity["evaluators"]["features"] for record in records}
    assert len(fingerprints) == 2
    assert {record.comparable["evaluators"]["features"] for record in records} == fingerprints
    found = json.loads(type_in("leaderboard", "--format", "json", "--results", tmp_path / "runs")[1])["tables"]
    names = [{column["metric"] for column in table["columns"]} for table in found]
    assert sorted(names, key=len) == [{"fd-mnist", "is-mnist", "parzen"}, {"fid", "is", "kid", "parzen"}]
    assert all("features" in str(table["split"]) for table in found)


def test_the_frozen_classifier_is_not_trained(weights, monkeypatch, tmp_path):
    """It would not be used, so its minute of training is saved; the extractor is the network."""

    def never(*_):
        raise AssertionError("a classifier was trained")

    change(monkeypatch, "mnist", extractor=never)
    data = on_network(PROBLEMS["mnist"], NetworkFile("inception", weights)).load(tmp_path)
    assert data.truth.extractor.name == "inception"
    assert data.truth.extractor.features(data.truth.reference).shape == (200, 6)


def test_digits_are_read_as_grey_images(weights, tmp_path):
    """Flat samples of 64 values become 8x8 images with three equal channels; a note states the size."""
    data = on_network(PROBLEMS["digits"], NetworkFile("inception", weights)).load(tmp_path)
    extractor, samples = data.truth.extractor, data.truth.reference[:5]
    means = (samples * 255).round().double().mean(1) / 255  # what the stub gives first, one for each channel
    assert torch.allclose(extractor.features(samples)[:, :3], means[:, None].expand(-1, 3), atol=1e-6)
    cost, worth = data.notes
    assert "the held-out images once and 120 images of each run" in cost
    assert "grey 8x8 images rank models poorly" in worth


def test_colour_images_have_only_a_note_on_the_cost(weights, tmp_path):
    """The network's scores are added to those of every folder."""
    for number in range(12):
        Image.new("RGB", (40, 40), (number * 20, 0, 0)).save(tmp_path / f"{number}.png")
    problem = on_network(problem_of(f"folder:{tmp_path}"), NetworkFile("inception", weights))
    data = problem.load(tmp_path)
    assert not any("grey" in note for note in data.notes)
    assert problem.judging.headline == ("fid", "is", "kid", "sliced_w2_256", "parzen")
    assert data.truth.extractor.features(data.training).shape == (10, 6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_image_problem_can_be_judged_so(name):
    """Whatever makes square images, but for stacked digits; its metrics on no features stay behind the published."""
    problem = problem_of(name)
    if problem.source.image is None or name == "stacked-mnist":
        with pytest.raises(UserError, match="do not apply"):
            on_network(problem, NetworkFile("inception", Path("weights.pth")))
        return
    found = on_network(problem, NetworkFile("inception", Path("weights.pth")))
    judged = found.judging
    assert dataclasses.replace(found, judging=problem.judging) == problem
    assert judged.headline[:3] == ("fid", "is", "kid")
    assert not any("-" in metric for metric in judged.headline)
    assert {"frechet", "inception", "kernel"} <= judged.evaluators.keys()
    assert set(problem.judging.evaluators) <= judged.evaluators.keys()


def test_the_choice_of_networks_is_kept(weights, tmp_path):
    """The weights change who judges, not who plays."""
    chosen = PROBLEMS["mnist"].configured("conv", tmp_path)
    judged = on_network(chosen, NetworkFile("inception", weights))
    assert (judged.network, judged.data_directory, judged.name) == ("conv", tmp_path, "mnist")
    assert judged.configured("mlp").judging == judged.judging


@pytest.mark.parametrize("problem", ["ring", "grid", "stacked-mnist"])
def test_a_problem_without_single_images_is_refused(type_in, weights, tmp_path, problem):
    """Points in the plane are not images, and stacked digits need the classifier of single ones."""
    result = type_in("run", "-o", "ns", "-p", problem, "--inception-weights", weights, "--results", tmp_path / "runs")
    assert is_one_sentence(*result)
    assert problem in result[2]
    assert "celeba, cifar10, digits, fashion-mnist, folder:PATH, mnist and tfd" in result[2]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", ["absent.pth", ".", *(name for name in HOSTILE if "\0" not in name)])
def test_a_file_that_is_none_is_one_sentence(type_in, tmp_path, name):
    """Exit code 2 and nothing written, with the real check of the file."""
    words = ("run", "-o", "ns", "-p", "digits", "--results", tmp_path / "runs")
    assert is_one_sentence(*type_in(*words, "--inception-weights", name))
    assert not (tmp_path / "runs").exists()


def test_other_weights_are_one_sentence(type_in, tmp_path):
    """Both hashes are shown, and the file is not opened as weights."""
    other = tmp_path / "other.pth"
    other.write_bytes(b"other")
    result = type_in("run", "-o", "ns", "-p", "digits", "--inception-weights", other, "--results", tmp_path / "runs")
    assert is_one_sentence(*result)
    assert "d9298a10d1b07358" in result[2]  # sha256sum
    assert "6726825d" in result[2]


def test_from_python(weights, tmp_path):
    """The keyword does what the option does."""
    told = []
    found = api.run(
        ["ns"],
        problems=["digits"],
        seeds=1,
        iterations=2,
        inception_weights=weights,
        results=tmp_path / "runs",
        pictures=False,
        progress=told.append,
    )
    assert {"fid", "is", "kid"} <= set(found[0].scores)
    assert found[0].protocol["fid"]["n_reference"] == 500
    assert any("grey 8x8" in note for note in told)
