"""Problems from outside: files of arrays, code, and values given in Python."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import TensorDataset

from benchmark import api
from benchmark.errors import UserError
from benchmark.problems import PROBLEMS, as_problem, from_arrays, from_samples, problem_of
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]

MOONS = '''
"""A problem from outside."""
import torch
from benchmark.problems import from_sampler

def sample(count, generator):
    angles = torch.pi * torch.rand(count, generator=generator)
    upper = torch.rand(count, generator=generator) < 0.5
    x = torch.where(upper, angles.cos(), 1.0 - angles.cos())
    y = torch.where(upper, angles.sin(), 0.5 - angles.sin())
    return torch.stack([x, y], 1) + 0.05 * torch.randn(count, 2, generator=generator)

def Moons():
    """Two interleaving half circles."""
    return from_sampler(sample)

def Points():
    """A few points."""
    return torch.randn(60, 3, generator=torch.Generator().manual_seed(0))

def Torn():
    return 1 / 0

def Chance():
    return torch.randn(60, 3)

NUMBER = 3
'''


def points(count: int = 60, size: int = 2):
    """Draw points."""
    return np.random.default_rng(0).normal(size=(count, size))


def bytes_of(*shape: int):
    """Draw images of bytes."""
    return np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)


def write(path, samples, **named):
    """Write arrays in the form that the path's ending names."""
    arrays = {"samples": samples, **named}
    if path.suffix == ".npy":
        np.save(path, samples)
    elif path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        tensors = {name: torch.from_numpy(value) for name, value in arrays.items()}
        torch.save(tensors if named else tensors["samples"], path)
    return path


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pt"])
@pytest.mark.parametrize("samples", [points(), bytes_of(30, 12, 12, 3), bytes_of(30, 1, 12, 12), bytes_of(30, 12, 12)])
def test_every_form_of_one_set_is_one_problem(tmp_path, suffix, samples):
    """The file's form, its place and its name change nothing: content is the identity."""
    problem = problem_of(str(write(tmp_path / f"any name{suffix}", samples)))
    assert problem.name == from_samples(samples).name
    data = problem.load(tmp_path)
    assert [len(data.training), len(data.truth.validation), len(data.truth.reference)] in ([50, 5, 5], [25, 2, 3])
    assert data.truth.reference.dtype == torch.float32
    if samples.ndim > 2:
        channels = 3 if samples.shape[-1] == 3 else 1
        assert data.training.shape[1:] == (channels, 12, 12)
        assert float(data.truth.reference.max()) <= 1.0


def test_channels_last_is_the_same_set_as_channels_first():
    """A permuted array of colour images is the same problem."""
    images = bytes_of(20, 3, 8, 8)
    assert from_samples(images).name == from_samples(images.transpose(0, 2, 3, 1)).name


def test_a_given_split_is_kept(tmp_path):
    """Arrays named train, validation and test are what they say, and copies between them are counted."""
    train, test = points(40), points(20)
    data = from_arrays({"train": train, "test": test, "validation": points(10) + 9.0}).load(tmp_path)
    assert torch.equal(data.training, torch.from_numpy(train).float())
    assert torch.equal(data.truth.reference, torch.from_numpy(test).float())
    assert len(data.truth.validation) == 10
    assert any("20 of 20 held-out samples are exact copies of training samples" in note for note in data.notes)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "One array of samples"),
        ({"a": points(), "b": points()}, "'a', 'b'"),
        ({"train": points()}, "named 'test'"),
        ({"train": points(), "test": points(size=3)}, r"\[2\].*'test' \[3\]"),
        ({"samples": points(5)}, "5 samples are too few"),
        ({"samples": np.zeros((20, 2), complex)}, "complex128"),
        ({"samples": np.zeros((2, 2, 2, 2, 2))}, r"\[2, 2, 2, 2, 2\]"),
        ({"samples": np.zeros((20, 5, 8, 8))}, "1 or 3 channels"),
        ({"samples": np.full((20, 2), np.nan)}, "not finite"),
        ({"samples": 2.0 * np.ones((20, 8, 8)) - np.eye(8)}, r"\[1, 2\].*\[0, 1\]"),
        ({"samples": np.array(["a"] * 20)}, "is not numeric"),
    ],
    ids=lambda given: str(given)[:20] if isinstance(given, str) else "",
)
def test_arrays_that_are_no_samples_are_one_sentence(arrays, said):
    """What is wrong is named with the value."""
    with pytest.raises(UserError, match=said) as raised:
        from_arrays(arrays)
    assert "\n" not in str(raised.value)


class Evil:
    """An object whose pickle would leave a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def hostile(tmp_path):
    """Write files that want to execute something, or state more than they hold."""
    mark = tmp_path / "executed"
    np.save(tmp_path / "objects.npy", np.array([Evil(mark)], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "objects.npz", samples=np.array([Evil(mark)], dtype=object))
    torch.save({"samples": Evil(mark)}, tmp_path / "objects.pt")
    (tmp_path / "pickle.pt").write_bytes(pickle.dumps(Evil(mark)))
    torch.save(torch.zeros(1).expand(1 << 40, 2), tmp_path / "view.pt")
    torch.save([torch.zeros(20, 2)], tmp_path / "list.pt")
    content = io.BytesIO()
    np.save(content, np.zeros((20, 2)))
    long = content.getvalue().replace(b"(20, 2)", b"(20000000000, 2)").replace(b"          \n", b"\n")
    (tmp_path / "long.npy").write_bytes(long)
    with zipfile.ZipFile(tmp_path / "long.npz", "w") as archive:
        archive.writestr("samples.npy", long)
    with zipfile.ZipFile(tmp_path / "many.npz", "w") as archive:
        for number in range(50):
            archive.writestr(f"{number}.npy", content.getvalue())
    (tmp_path / "torn.npz").write_bytes((tmp_path / "many.npz").read_bytes()[:300])
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "folder.npy").mkdir()
    os.mkfifo(tmp_path / "pipe.npz")
    return mark


def test_hostile_files_are_one_sentence_and_run_nothing(tmp_path, monkeypatch):
    """No object is unpickled, no array is made that the file does not hold, and a pipe is not waited for."""
    mark = hostile(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 13
    monkeypatch.chdir(tmp_path)
    for name in [*names, "absent.npy"]:
        with pytest.raises(UserError) as raised:
            problem_of(name)
        assert "\n" not in str(raised.value), name
        assert name in str(raised.value) or "samples.npy" in str(raised.value)
    assert not mark.exists()


@settings(max_examples=60, deadline=None)
@given(where=st.integers(0, 600), with_=st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, where, with_):
    """Bytes overwritten anywhere give samples or a UserError, and nothing else."""
    path = tmp_path_factory.mktemp("damaged") / "a.npz"
    np.savez(path, samples=points(20))
    content = bytearray(path.read_bytes())
    content[where : where + len(with_)] = with_
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        assert problem_of(str(path)).source.shape


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Write a file of problems, and stand beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    (tmp_path / "mine.py").write_text(MOONS)
    return tmp_path


def test_code_from_outside_gives_a_problem(mine):
    """A function of a file gives a sampler's problem, or samples; its name is its spelling, its source its origin."""
    problem = problem_of("mine.py:Moons")
    assert (problem.name, problem.summary) == ("mine.py:Moons", "Two interleaving half circles.")
    assert problem.origin["source"].startswith("sha256:")
    assert problem.load(mine).truth.sampler is not None
    assert problem_of("mine.py:Points").source.shape == (3,)
    (mine / "mine.py").write_text(MOONS + "\n# another version\n")
    assert problem_of("mine.py:Moons").origin != problem.origin


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine.py:Torn", "ZeroDivisionError"),
        ("mine.py:Chance", "torch's global generator"),
        ("mine.py:NUMBER", "'int' is not a problem"),
        ("mine.py:Moon", "Moons"),
        ("mine.py", "mine.py:Moons"),
        ("absent.py:Moons", "absent.py"),
        ("rign", "'ring'"),
    ],
)
def test_what_is_no_problem_is_one_sentence(type_in, mine, name, said):
    """Exit code 2, and nothing written."""
    result = type_in("run", "-o", "ns", "-p", name, "--results", mine / "runs")
    assert is_one_sentence(*result)
    assert said in result[2]
    assert not (mine / "runs").exists()


def test_a_run_takes_data_and_code(type_in, mine):
    """Rows of both stand in tables; a copy of the file is on record already."""
    write(mine / "data.npz", points(1_200))
    words = ("--seeds", "2", "--iterations", "4", "--no-pictures", "--results", mine / "runs")
    code, out, err = type_in("run", "-o", "ns", "-p", "mine.py:Moons", "-p", "data.npz", *words)
    assert code == 0, err
    name = problem_of("data.npz").name
    assert "mine.py:Moons" in out
    assert name in out
    assert "read from 'data.npz'" in err
    before = len(list((mine / "runs").rglob("record.json")))
    (mine / "copy.npz").write_bytes((mine / "data.npz").read_bytes())
    assert type_in("run", "-o", "ns", "-p", "copy.npz", *words)[0] == 0
    assert len(list((mine / "runs").rglob("record.json"))) == before
    assert name in type_in("leaderboard", "--problem", "copy.npz", "--results", mine / "runs")[1]
    assert "1,000 train, 100 validate, 100 are held out" in type_in("show", "data.npz")[1]


def test_python_takes_tensors_problems_and_data_sets(mine):
    """Each gives its records; a problem put together from a built-in one is not taken for it."""
    samples = torch.from_numpy(points(60)).float()
    changed = dataclasses.replace(PROBLEMS["ring"], budget=dataclasses.replace(PROBLEMS["ring"].budget, scales={}))
    pairs = TensorDataset(samples, torch.arange(60) % 2)
    found = api.run(
        ["ns"], problems=[samples, pairs, changed, "ring"], seeds=1, iterations=2, results=mine / "runs", pictures=False
    )
    assert {record.problem for record in found} == {from_samples(samples).name, "ring"}
    games = [record for record in found if record.kind == "objective" and record.problem == "ring"]
    assert len({record.key for record in games}) == len(games)
    alone = api.run(["ns"], problems=samples, seeds=1, iterations=2, results=mine / "runs", pictures=False)
    assert {record.key for record in alone} <= {record.key for record in found}


def test_a_kept_generator_of_samples_needs_the_samples(mine):
    """A problem that its content names is given again, and another one is refused."""
    samples = torch.from_numpy(points(60)).float()
    words = {"seeds": 1, "iterations": 2, "results": mine / "runs", "pictures": False}
    found = api.run(["ns"], problems=samples, keep_generators=True, **words)
    record = next(record for record in found if record.kind == "objective")
    assert api.generator(record, results=mine / "runs", problem=samples).sample(5).shape == (5, 2)
    with pytest.raises(UserError, match="pass its data as problem="):
        api.generator(record, results=mine / "runs")
    with pytest.raises(UserError, match="not to 'ring'"):
        api.generator(record, results=mine / "runs", problem="ring")


def test_a_value_that_is_none_is_one_sentence():
    """What is wanted is named."""
    with pytest.raises(UserError, match="'int' is not a problem; pass a Problem, samples"):
        as_problem(3)
