"""A folder of images, good and bad, and stacks of digits."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.errors import UserError
from benchmark.problems import PROBLEMS, problem_of
from benchmark.problems.folder import read_folder, square_of
from benchmark.problems.picture_files import picture_of
from benchmark.problems.stacked import stacks
from objectives.spec import parse
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.data_builders import small_images

__all__ = ["type_in"]


def noise(height, width, channels=3, seed=0):
    """Draw random bytes."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Write a folder with 20 good images of different sizes and kinds, and files that are none."""
    place = tmp_path / "pictures"
    (place / "below").mkdir(parents=True)
    for number in range(16):
        Image.fromarray(noise(20 + 3 * number, 50, seed=number)).save(place / "below" / f"{number:02}.png")
    Image.fromarray(noise(40, 40)).convert("CMYK").save(place / "cmyk.jpg")
    Image.fromarray((np.arange(1600).reshape(40, 40) * 40).astype(np.uint16)).save(place / "deep.png")
    Image.fromarray(noise(40, 40)).convert("P").save(
        place / "moving.gif", save_all=True, append_images=[Image.new("P", (40, 40))]
    )
    Image.fromarray(noise(33, 33, 4)).save(place / "see-through.png")
    whole = (place / "below" / "00.png").read_bytes()
    (place / "torn.png").write_bytes(whole[: len(whole) // 2])
    (place / "text.jpg").write_text("no image")
    (place / "empty.png").write_bytes(b"")
    (place / "notes.txt").write_text("notes")
    return place


def test_good_images_are_read_and_bad_ones_told(folder):
    """All readable images become one size; every other file is counted with its reason and named."""
    images, report = read_folder(folder, 32)
    assert images.shape == (20, 3, 32, 32)
    assert images.dtype == torch.uint8
    told = " ".join(report)
    for name in ("torn.png", "text.jpg", "empty.png", "notes.txt"):
        assert name in told
    assert sum(int(line.split()[0]) for line in report) == 4


def test_sixteen_bits_are_scaled_not_clipped(folder):
    """A ramp of 0 to 63,960 of 65,535 keeps its order and reaches no more than its share of white."""
    values = square_of(picture_of(folder / "deep.png"), 40)
    assert values[0, 0, 0] == 0
    assert 245 <= int(values.max()) <= 250
    assert (np.diff(values[0].reshape(-1).astype(int)) >= 0).all()


def test_too_few_images_are_one_sentence(tmp_path):
    """What the folder holds and how many are needed."""
    (tmp_path / "one.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"0 readable images in 1 files.*12.*one\.png"):
        read_folder(tmp_path, 32)


@pytest.mark.parametrize("name", ["folder:", "folder:/does/not/exist", "folder:\0"])
def test_a_folder_that_is_none_is_one_sentence(type_in, tmp_path, name):
    """Exit code 2 and nothing written."""
    assert is_one_sentence(*type_in("run", "-o", "ns", "-p", name, "--results", tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_a_folder_trains_and_reports_what_it_skipped(type_in, folder, tmp_path):
    """`run -p folder:PATH` ends with a table; the skipped files are on stderr, without a traceback."""
    words = ("run", "-o", "ns", "-p", f"folder:{folder}", "--seeds", "1", "--iterations", "2")
    code, out, err = type_in(*words, "--results", tmp_path / "runs")
    assert code == 0, err
    assert "ns" in out
    assert "sliced_w2_256" in out
    assert "torn.png" in err
    assert "Traceback" not in err


def test_stacks_are_fresh_and_by_seed_alone(tmp_path, monkeypatch):
    """A batch's channels are training digits, other ones in every round, the same for a seed in any group."""
    small_images(monkeypatch, tmp_path)
    problem = PROBLEMS["stacked-mnist"]
    digits = problem.load(tmp_path).training
    assert digits.shape == (600, 1, 28, 28)

    def batches(seeds):
        group = form(problem, parse("ns"), problem.training, seeds, digits, 3)
        return [group.play.round(batch, 0).real for batch in feed(group, 0, 2)]

    first, second = batches((5, 6))
    assert first.shape == (2, 64, 3, 28, 28)
    assert torch.equal(first[1], batches((6,))[0][0])
    assert not torch.equal(first, second)
    known = {digit.numpy().tobytes() for digit in digits[:, 0]}
    assert all(channel.numpy().tobytes() in known for channel in first[0].flatten(0, 1))
    assert not torch.equal(first[0, :, 0], first[0, :, 1])


def test_stacks_pair_digits_independently():
    """Every combination of three of four digits comes up as often (chi-square by counts)."""
    digits = torch.arange(4.0).view(4, 1, 1, 1)
    drawn = stacks(digits, 64_000, torch.Generator().manual_seed(0)).flatten(1).long()
    counts = torch.bincount(drawn @ torch.tensor([16, 4, 1]), minlength=64)
    assert float(((counts - 1000.0).square() / 1000.0).sum()) < 110  # chi-square, 63 degrees: p = 0.0002


def test_a_stacked_run_prints_modes_and_kl(type_in, monkeypatch, tmp_path):
    """The table holds the modes and the KL of the objective beside the controls."""
    small_images(monkeypatch, tmp_path)
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *_, **__: tmp_path / "cache")
    words = ("run", "-o", "ns", "-p", "stacked-mnist", "--seeds", "1", "--iterations", "2")
    code, out, err = type_in(*words, "--results", tmp_path / "runs")
    assert (code, "Traceback" in err) == (0, False)
    for part in (
        "stacked_modes-mnist",
        "stacked_reverse_kl-mnist",
        "oracle (control)",
        "gmm (control)",
        "kmeans (control)",
    ):
        assert part in out


def test_a_folder_is_named_by_its_content(folder, tmp_path):
    """However its path is written, and wherever a copy lies, it is one problem; other images are another."""
    one = problem_of(f"folder:{folder}")
    assert problem_of(f"folder:{folder}/").name == one.name
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert problem_of(f"folder:{copy}").name == one.name
    Image.fromarray(noise(20, 20, seed=99)).save(copy / "another.png")
    assert problem_of(f"folder:{copy}").name != one.name


def test_hidden_files_and_folders_are_left_out(folder):
    """Copies that a notebook or a file manager makes are no images of the set."""
    before = problem_of(f"folder:{folder}").name
    shutil.copytree(folder / "below", folder / ".ipynb_checkpoints")
    shutil.copy(folder / "below" / "00.png", folder / ".hidden.png")
    assert problem_of(f"folder:{folder}").name == before


def test_copies_across_the_split_are_counted(folder, tmp_path):
    """Every held-out image that is a training image to the byte is named in a note."""
    for number in range(16):
        shutil.copy(folder / "below" / f"{number:02}.png", folder / f"copy-{number}.png")
    problem = problem_of(f"folder:{folder}")
    data = problem.load(tmp_path)
    known = {row.numpy().tobytes() for row in data.training}
    count = sum(row.numpy().tobytes() in known for row in data.truth.reference)
    assert count > 0
    assert any(f"{count} of {len(data.truth.reference)} held-out samples are exact copies" in n for n in data.notes)
