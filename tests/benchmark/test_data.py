"""Data files: where they are searched for, how they are read, and the errors for wrong ones."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

import pytest
import torch

from benchmark.errors import UserError
from benchmark.problems import files as files_module
from benchmark.problems.files import FILE_SETS, MissingData, find
from benchmark.problems.idx import array, labelled
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.data_builders import real, small_files

__all__ = ["type_in"]


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """Leave no data set anywhere but where a test puts it."""
    monkeypatch.delenv("GAN_BENCH_DATA", raising=False)
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    for name, known in list(FILE_SETS.items()):
        monkeypatch.setitem(FILE_SETS, name, dataclasses.replace(known, system=()))
    return tmp_path


def test_images_and_labels_are_read_into_one_tensor(tmp_path):
    """Plain and compressed files give images in [0, 1] and labels, contiguous, in the files' order."""
    known = small_files(tmp_path)
    train = labelled(known, tmp_path / known.folder, "train")
    assert train.images.shape == (12, 1, 28, 28)
    assert train.images.is_contiguous()
    assert train.images.dtype == torch.float32
    assert 0.9 < float(train.images.max()) <= 1.0
    assert train.labels.shape == (12,)


def test_the_chosen_directory_comes_before_the_environment_and_the_cache(tmp_path, monkeypatch):
    """The order is: the option, GAN_BENCH_DATA, the user's cache, the operating system's package."""
    known = small_files(tmp_path / "system")
    known = type(known)(known.title, known.folder, known.sha256, (tmp_path / "system" / known.folder,))
    monkeypatch.setattr(files_module, "FILE_SETS", {"small": known})
    monkeypatch.setenv("GAN_BENCH_DATA", str(tmp_path / "environment"))
    assert find(known, tmp_path / "chosen", tmp_path / "cache") == tmp_path / "system" / known.folder
    for place in ("cache/data", "environment", "chosen"):
        small_files(tmp_path / place)
        assert find(known, tmp_path / "chosen", tmp_path / "cache") == tmp_path / place / known.folder


def test_missing_data_give_the_searched_folders_and_the_wanted_files(tmp_path, monkeypatch):
    """One sentence with every folder tried, the file names, and the command that fetches them."""
    monkeypatch.setenv("GAN_BENCH_DATA", "elsewhere")
    with pytest.raises(MissingData) as caught:
        find(FILE_SETS["mnist"], tmp_path / "a", tmp_path / "c")
    for part in (
        "MNIST",
        "elsewhere",
        "train-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
        "gan-bench data fetch mnist",
    ):
        assert part in str(caught.value)


def test_other_content_is_refused(tmp_path):
    """A file of the right name with one byte changed is named with both digests."""
    known = small_files(tmp_path)
    path = tmp_path / known.folder / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(UserError, match="SHA-256"):
        labelled(known, tmp_path / known.folder, "train")


def test_a_torn_archive_is_one_sentence(tmp_path):
    """Half a .gz is a user's mistake, not a traceback."""
    known = small_files(tmp_path)
    path = tmp_path / known.folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match="Cannot read"):
        labelled(known, tmp_path / known.folder, "train")


@pytest.mark.parametrize("raw", [b"", b"\0\0\x08", b"\0\0\x08\x03" + bytes(12) + b"x", b"\0\0\x0d\x01\0\0\0\x01abcd"])
def test_a_wrong_idx_file_is_refused(raw):
    """It is too short, has another length than its header, or another type."""
    with pytest.raises(UserError, match="not an IDX file"):
        array(raw, "file")


@pytest.mark.parametrize("name", ["fashion-mnist", "mnist"])
def test_the_real_files_load_in_time(name, tmp_path):
    """The training images become one tensor in under 1.5 s of this process's time, verified on the way."""
    folder = real(name, tmp_path)
    start = time.process_time()
    train = labelled(FILE_SETS[name], folder, "train")
    assert time.process_time() - start < 1.5
    assert train.images.shape == (60_000, 1, 28, 28)
    assert torch.bincount(train.labels).min() > 5_000


def test_list_shows_the_state_of_data(type_in, nowhere):
    """Each data set has a line with its state."""
    code, out, err = type_in("data", "list")
    assert (code, err) == (0, "")
    assert out.count("missing") == len(FILE_SETS)


def test_offline_forbids_downloads(type_in, nowhere, monkeypatch):
    """GAN_BENCH_OFFLINE=1 makes `data fetch` one sentence, exit code 2."""
    monkeypatch.setenv("GAN_BENCH_OFFLINE", "1")
    result = type_in("data", "fetch", "mnist")
    assert is_one_sentence(*result)
    assert "GAN_BENCH_OFFLINE" in result[2]


def test_a_failed_download_is_one_sentence(type_in, nowhere, monkeypatch):
    """No network: what failed and where the files belong."""

    def refuse(*_, **__):
        raise RuntimeError("Error downloading x.gz:\nTried ...")

    monkeypatch.setattr("torchvision.datasets.MNIST", refuse)
    result = type_in("data", "fetch", "mnist")
    assert is_one_sentence(*result)
    assert "Cannot download MNIST" in result[2]


def test_a_download_is_verified_before_it_is_moved(type_in, nowhere, monkeypatch):
    """Torchvision's files are moved below the data directory only if their content is right."""
    known = small_files(nowhere / "source")
    known = type(known)("MNIST", "Small/raw", known.sha256)
    monkeypatch.setitem(FILE_SETS, "mnist", known)
    monkeypatch.setattr("torchvision.datasets.MNIST", lambda root, download: small_files(type(nowhere)(root)))
    facts = nowhere / "fetched.json"
    code, _, _ = type_in("data", "fetch", "mnist", "--data-dir", nowhere / "here", "--json", facts)
    assert code == 0
    assert find(known, nowhere / "here", nowhere).is_dir()
    assert [path.name for path in (nowhere / "here").iterdir()] == ["Small"]
    told = json.loads(facts.read_text())
    assert (told["command"], told["name"], Path(told["place"])) == (
        "data fetch",
        "mnist",
        nowhere / "here" / "Small/raw",
    )
    monkeypatch.setitem(FILE_SETS, "mnist", type(known)("MNIST", "Small/raw", dict.fromkeys(known.sha256, "0" * 64)))
    assert is_one_sentence(*type_in("data", "fetch", "mnist", "--data-dir", nowhere / "there"))


def test_fetching_repairs_what_is_broken(type_in, nowhere, monkeypatch):
    """A torn file is replaced by the verified one; where the download is wrong, what is there stays."""
    known = small_files(nowhere / "source")
    known = type(known)("MNIST", "Small/raw", known.sha256)
    monkeypatch.setitem(FILE_SETS, "mnist", known)
    small_files(nowhere / "here")
    broken = nowhere / "here" / known.folder / "train-images-idx3-ubyte.gz"
    good = {path: path.read_bytes() for path in broken.parent.iterdir()}
    mine = broken.with_name("notes.txt")
    mine.write_text("mine")
    broken.write_bytes(good[broken][:100])
    monkeypatch.setattr("torchvision.datasets.MNIST", lambda root, download: small_files(type(nowhere)(root), train=7))
    assert is_one_sentence(*type_in("data", "fetch", "mnist", "--data-dir", nowhere / "here"))
    assert broken.read_bytes() == good[broken][:100]
    monkeypatch.setattr("torchvision.datasets.MNIST", lambda root, download: small_files(type(nowhere)(root)))
    assert type_in("data", "fetch", "mnist", "--data-dir", nowhere / "here")[0] == 0
    assert labelled(known, broken.parent, "train").images.shape == (12, 1, 28, 28)
    assert {path.name for path in broken.parent.iterdir()} == {path.name for path in good} | {"notes.txt"}
    assert mine.read_text() == "mine"


def test_a_fetch_resumes(type_in, nowhere, monkeypatch):
    """A disk that fills up between two files is one sentence; the same command then completes them."""
    known = small_files(nowhere / "source")
    known = type(known)("MNIST", "Small/raw", known.sha256)
    monkeypatch.setitem(FILE_SETS, "mnist", known)
    monkeypatch.setattr("torchvision.datasets.MNIST", lambda root, download: small_files(type(nowhere)(root)))
    replace, moved = Path.replace, []

    def full(path, target):
        moved.append(path)
        if len(moved) == 3:
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    assert is_one_sentence(*type_in("data", "fetch", "mnist", "--data-dir", nowhere / "here"))
    assert len(list((nowhere / "here" / known.folder).iterdir())) == 2
    assert type_in("data", "fetch", "mnist", "--data-dir", nowhere / "here")[0] == 0
    assert len(list((nowhere / "here" / known.folder).iterdir())) == 4


def test_an_unknown_data_set_is_one_sentence(type_in):
    """The nearest known name is offered."""
    result = type_in("data", "fetch", "mnst")
    assert is_one_sentence(*result)
    assert "'mnist'" in result[2]
