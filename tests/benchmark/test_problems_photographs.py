"""CIFAR-10, CelebA and the Toronto Face Database, on a few made-up files in their exact form."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from benchmark.errors import UserError
from benchmark.networks import NETWORKS
from benchmark.problems import PROBLEMS, NetworkFile, on_network
from benchmark.problems.files import CELEBA, CIFAR10, FILE_SETS, TFD
from benchmark.problems.pixels import pixel_means
from benchmark.runner.controls import clustered_points, control_samples
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.data_builders import small_photographs, tfd_arrays
from tests.evaluators.builders import stub_inception

__all__ = ["type_in"]
NAMES = ("celeba", "cifar10", "tfd")


@pytest.fixture
def root(monkeypatch, tmp_path):
    """Write small data sets and let nothing else be found."""
    small_photographs(monkeypatch, tmp_path)
    monkeypatch.setenv("GAN_BENCH_DATA", str(tmp_path))
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path


def test_cifars_batches_come_in_the_files_order(root):
    """Rows of all five batches, channels first, as bytes; the test batch as floats over 255."""
    data = PROBLEMS["cifar10"].load(root / "cache")
    assert data.training.shape == (200, 3, 32, 32)
    assert data.training.dtype == torch.uint8
    last = pickle.loads((root / CIFAR10.folder / "data_batch_5").read_bytes())["data"]
    assert np.array_equal(data.training[-1].numpy().reshape(-1), last[-1])
    test = pickle.loads((root / CIFAR10.folder / "test_batch").read_bytes())["data"]
    assert torch.equal(data.truth.reference[3].flatten(), torch.from_numpy(test[3]).float() / 255.0)


def test_other_pickles_are_not_opened(root):
    """A file of the right name and other content is refused before it is unpickled."""
    (root / CIFAR10.folder / "data_batch_2").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(UserError, match="SHA-256"):
        PROBLEMS["cifar10"].load(root / "cache")


def test_celebas_faces_are_the_middle_resized(root):
    """Training faces come before test faces, and a face is the central 160 pixels at 64x64."""
    data = PROBLEMS["celeba"].load(root / "cache")
    assert data.training.shape == (60, 3, 64, 64)
    assert data.truth.reference.shape == (24, 3, 64, 64)
    with Image.open(root / CELEBA.folder / CELEBA.images / "000064.jpg") as opened:  # the first of the test part
        whole = np.asarray(opened.convert("RGB"), dtype=np.float64)
    means = whole[29:189, 9:169].reshape(8, 20, 8, 20, 3).mean((1, 3)).transpose(2, 0, 1) / 255.0
    found = data.truth.reference[0].double().unflatten(2, (8, 8)).unflatten(1, (8, 8)).mean((2, 4))
    assert np.abs(found.numpy() - means).max() < 0.01


def test_celeba_is_decoded_once(root, monkeypatch):
    """The second load maps the first one's file without an image, and a damaged file is made anew."""
    first = PROBLEMS["celeba"].load(root / "cache").digest()
    (decoded,) = (root / "cache" / "decoded").iterdir()
    with monkeypatch.context() as patched:
        patched.setattr("benchmark.problems.celeba.face", None)
        assert PROBLEMS["celeba"].load(root / "cache").digest() == first
    content = bytearray(decoded.read_bytes())
    content[-1] ^= 1
    decoded.write_bytes(content)
    assert PROBLEMS["celeba"].load(root / "cache").digest() == first
    assert [path.name for path in (root / "cache" / "decoded").iterdir()] == [decoded.name]


def spoil(root, how):
    """Damage CelebA's folder in one way and give what the message must name."""
    images = root / CELEBA.folder / CELEBA.images
    if how == "lacking":
        (images / "000007.jpg").unlink()
        return "lacks 1 of CelebA's 84 images"
    if how == "torn":
        (images / "000007.jpg").write_bytes((images / "000007.jpg").read_bytes()[:400])
        return "000007.jpg"
    Image.new("RGB", (178, 200)).save(images / "000007.jpg")
    return "178x200"


@pytest.mark.parametrize("how", ["lacking", "torn", "size"])
def test_celeba_with_a_wrong_image_is_one_sentence(type_in, root, how):
    """The image is named, and no half-written file is left in the cache."""
    part = spoil(root, how)
    result = type_in("run", "-o", "ns", "-p", "celeba", "--results", root / "runs")
    assert is_one_sentence(*result)
    assert part in result[2]
    assert not list((root / "cache").glob("decoded/*"))


@pytest.mark.parametrize("suffix", [".mat", ".npz"])
def test_the_face_database_is_split_by_its_first_fold(root, suffix):
    """Unlabelled images train, as bytes; those of the fold validate and test; both forms of the file are read."""
    arrays, path = tfd_arrays(), root / "TFD" / f"TFD_48x48{suffix}"
    (root / "TFD" / "TFD_48x48.npz").unlink()
    savemat(path, arrays) if suffix == ".mat" else np.savez(path, **arrays)
    data = PROBLEMS["tfd"].load(root / "cache")
    for part, number in ((data.training, 0), (data.truth.validation, 2), (data.truth.reference, 3)):
        expected = torch.from_numpy(arrays["images"][arrays["folds"][:, 0] == number]).unsqueeze(1)
        assert torch.equal(part, expected if number == 0 else expected.float() / 255.0)


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        ({}, "neither."),
        ({"images": np.zeros((4, 48, 47), np.uint8), "folds": np.zeros((4, 5))}, "[4, 48, 47]"),
        ({"images": np.zeros((4, 48, 48)), "folds": np.zeros((4, 5))}, "float64"),
        ({"images": np.zeros((4, 48, 48), np.uint8), "folds": np.zeros((4, 5))}, "no image 2"),
        (b"not an archive", "Cannot read"),
    ],
    ids=["empty", "shape", "floats", "folds", "noise"],
)
def test_another_file_of_faces_is_one_sentence(type_in, root, arrays, part):
    """What the file must hold, and what it holds."""
    path = root / "TFD" / "TFD_48x48.npz"
    path.write_bytes(arrays) if isinstance(arrays, bytes) else np.savez(path, **arrays)
    result = type_in("run", "-o", "ns", "-p", "tfd", "--results", root / "runs")
    assert is_one_sentence(*result)
    assert part in result[2]


@pytest.mark.parametrize("name", NAMES)
def test_missing_files_are_one_sentence(type_in, monkeypatch, tmp_path, name):
    """Where it was looked for, which file to put there, and how else to come by it."""
    monkeypatch.delenv("GAN_BENCH_DATA", raising=False)
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    (tmp_path / "here").mkdir()
    result = type_in("run", "-o", "ns", "-p", name, "--data-dir", tmp_path / "here", "--results", tmp_path / "runs")
    assert is_one_sentence(*result)
    known = FILE_SETS[name]
    for part in ["searched", next(iter(known.sha256)), "owners" if known is TFD else f"gan-bench data fetch {name}"]:
        assert part in result[2]
    assert not (tmp_path / "runs").exists()


def test_what_only_owners_give_is_not_fetched(type_in):
    """`data fetch tfd` says who must be asked."""
    result = type_in("data", "fetch", "tfd")
    assert is_one_sentence(*result)
    assert "on request" in result[2]


def test_fetching_celeba_brings_its_folder(type_in, root, monkeypatch):
    """Torchvision's files and its images land below the data directory, over broken ones and beside a user's own."""
    known = PROBLEMS["celeba"].source.files
    monkeypatch.setitem(FILE_SETS, "celeba", known)

    def download(into, download):
        (root / known.folder).rename(f"{into}/{known.folder}")

    monkeypatch.setattr("torchvision.datasets.CelebA", download)
    images = root / "there" / known.folder / known.images
    images.mkdir(parents=True)
    for name in ("000001.jpg", "mine.jpg"):
        (images / name).write_bytes(b"torn")
    code, _, _ = type_in("data", "fetch", "celeba", "--data-dir", root / "there")
    assert code == 0
    assert len(list(images.iterdir())) == 88
    assert (images / "mine.jpg").read_bytes() == b"torn" != (images / "000001.jpg").read_bytes()


@pytest.mark.parametrize("name", ["cifar10", pytest.param("celeba", marks=pytest.mark.full), "tfd"])
def test_a_run_prints_its_row_beside_the_controls(type_in, root, monkeypatch, name):
    """Two iterations on bytes, judged by block means, beside oracle, mixture and untrained generator."""
    monkeypatch.setattr("benchmark.runner.controls.MIXTURE_POINTS", 50)
    monkeypatch.setattr("benchmark.runner.controls.MIXTURE_COMPONENTS", 2)
    for network in ("dcgan", "mlp"):
        monkeypatch.setitem(NETWORKS, network, dataclasses.replace(NETWORKS[network], width=1 / 16))
    words = ("run", "-o", "ns", "-p", name, "--seeds", "1", "--iterations", "2", "--results", root / "runs")
    code, out, err = type_in(*words)
    assert (code, err.count("Traceback")) == (0, 0)
    for part in ("fd-pixels8", "ns", "oracle (control)", "gmm (control)", "untrained (control)"):
        assert part in out


def test_the_oracle_of_bytes_gives_floats(root):
    """Its samples are training images over 255."""
    problem = PROBLEMS["cifar10"]
    data = problem.load(root / "cache")
    samples = control_samples("oracle", problem, data, 0, 7)
    known = {row.numpy().tobytes() for row in data.training}
    assert all((row * 255).round().to(torch.uint8).numpy().tobytes() in known for row in samples)


def test_pixel_means_of_bytes_are_those_of_floats():
    """To rounding, whatever the number of blocks."""
    images = torch.randint(0, 256, (5_000, 1, 2, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(pixel_means(images), (images.double() / 255.0).mean(0), rtol=1e-12, atol=0)


def test_the_face_database_is_a_folder_of_its_own():
    """Its file has one name under two endings."""
    assert (TFD.folder, TFD.endings, PROBLEMS["tfd"].source.files) == ("TFD", (".mat", ".npz"), TFD)


def test_only_so_many_points_are_clustered(root, monkeypatch):
    """Beyond the bound k-means sees a random part of the training data, as floats."""
    monkeypatch.setattr("benchmark.runner.controls.CLUSTERED", 50)
    data = PROBLEMS["tfd"].load(root / "cache")
    points = clustered_points(data, torch.Generator().manual_seed(0))
    assert points.shape == (50, 1, 48, 48)
    assert points.dtype == torch.float32
    assert control_samples("kmeans", PROBLEMS["tfd"], data, 0, 30).shape == (30, 1, 48, 48)


@pytest.mark.parametrize("name", NAMES)
def test_the_inception_network_takes_the_block_means_place(root, monkeypatch, name):
    """Given its weights, it sees the held-out images, and the metrics are called fid, is and kid."""
    problem = on_network(PROBLEMS[name], NetworkFile("inception", stub_inception(root, monkeypatch)))
    data = problem.load(root / "cache")
    assert data.truth.extractor.features(data.truth.reference).shape == (len(data.truth.reference), 6)
    assert {"fid", "is", "kid"} <= set(problem.judging.headline)
    assert data.digest() == PROBLEMS[name].load(root / "cache").digest()
