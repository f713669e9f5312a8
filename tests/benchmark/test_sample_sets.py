"""Sets of samples as files: every form of one set gives the same samples, and a bad one is one sentence."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from benchmark.errors import UserError
from benchmark.problems.sample_set import sample_set
from benchmark.problems.stored import stored

GREY, COLOURS = (1, 6, 5), (3, 6, 5)


def images(shape, count=40):
    """Draw images of bytes [N, H, W, C]."""
    return np.random.default_rng(0).integers(0, 256, (count, *shape[1:], shape[0]), dtype=np.uint8)


def pictures(folder, values):
    """Write images as PNG files, grey ones as such."""
    folder.mkdir()
    for number, value in enumerate(values):
        Image.fromarray(value[..., 0] if value.shape[-1] == 1 else value).save(folder / f"{number:03}.png")
    return folder


def archive(path, folder):
    """Pack a folder of pictures."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, f"inside/{file.name}")
    return path


def forms(place, values):
    """Write images [N, H, W, C] in every form that is read."""
    first = np.moveaxis(values, -1, 1)
    np.savez(place / "bytes.npz", values)
    np.savez_compressed(place / "named.npz", samples=first / np.float32(255), labels=np.arange(len(values)))
    np.save(place / "double.npy", first / 255.0)
    np.save(place / "columns.npy", np.asfortranarray(values))
    torch.save(torch.from_numpy(values), place / "bytes.pt")
    torch.save({"images": torch.from_numpy(first.copy()), "labels": torch.arange(len(values))}, place / "named.pt")
    folder = pictures(place / "folder", values)
    names = ("bytes.npz", "named.npz", "double.npy", "columns.npy", "bytes.pt", "named.pt")
    return [*(place / name for name in names), folder, archive(place / "pictures.zip", folder), values, first]


@pytest.mark.parametrize("shape", [GREY, COLOURS])
def test_every_form_of_one_set_gives_the_same_samples(tmp_path, monkeypatch, shape):
    """Bytes or floats, channels first or last, arrays or pictures, in blocks of a few: the same values and order."""
    monkeypatch.setattr("benchmark.problems.stored.BLOCK", 1000)
    values = images(shape)
    right = torch.from_numpy(np.moveaxis(values, -1, 1).copy()).float() / 255.0
    order = None
    for form in forms(tmp_path, values):
        found = sample_set(stored(form, shape[0]), shape)
        assert torch.equal(found.take(torch.arange(40)), right)
        assert torch.equal(found.take(torch.tensor([7, 3, 39])), right[[7, 3, 39]])
        order = found.order if order is None else order
        assert torch.equal(found.order, order)


def test_grey_pictures_in_colours_are_grey(tmp_path):
    """Pictures of three equal channels, as torchvision saves digits, fit a problem of grey images."""
    values = images(GREY, 12)
    folder = pictures(tmp_path / "equal", values.repeat(3, axis=-1))
    assert torch.equal(
        sample_set(stored(folder, 1), GREY).take(torch.arange(12)),
        sample_set(stored(values), GREY).take(torch.arange(12)),
    )
    with pytest.raises(UserError, match=r"'000.png' is in colour"):
        _ = sample_set(stored(pictures(tmp_path / "colours", images(COLOURS, 3)), 1), GREY).seen


def test_an_ambiguous_shape_needs_a_layout(tmp_path):
    """Nothing is guessed: --layout decides, and each choice reads the values accordingly."""
    values = np.random.default_rng(0).random((20, 3, 3, 3), dtype=np.float32)
    with pytest.raises(UserError, match="NCHW or NHWC; choose one with --layout"):
        sample_set(stored(values), (3, 3, 3))
    for layout, right in (("NCHW", values), ("NHWC", np.moveaxis(values, -1, 1))):
        found = sample_set(stored(values), (3, 3, 3), layout)
        assert torch.equal(found.take(torch.arange(20)), torch.from_numpy(right.copy()))


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        (np.zeros((20, 8, 8, 3), np.uint8), GREY, r"\[N, 8, 8, 3\]; digits needs images of 1x6x5"),
        (np.zeros((20, 2)), (3,), r"\[N, 2\]; digits needs points of 3 numbers"),
        (np.zeros((20, 5, 8, 8)), None, "1 or 3 channels"),
        (np.full((20, 2), np.nan), (2,), "20 of 20 samples of 'samples' are not finite"),
        (np.array([[1e300, 0.0]] * 20), (2,), "20 of 20 samples of 'samples' are not finite"),
        (np.linspace(-1, 1, 600).reshape(20, 1, 6, 5), GREY, r"are in \[-1, 1\].*save \(x \+ 1\) / 2"),
        (np.linspace(0, 255, 600).reshape(20, 1, 6, 5), GREY, r"are in \[0, 255\]"),
        (np.zeros((20, 1, 6, 5), np.int64), GREY, "not other whole numbers"),
        (np.zeros((0, 2)), None, r"shape \[0, 2\]"),
        (np.zeros((20, 2), complex), None, "complex128"),
        (np.array(["a"] * 20), None, "are not numeric"),
        ([object()] * 3, None, "are not numeric"),
    ],
    ids=lambda given: str(given)[:30] if isinstance(given, str) else "",
)
def test_invalid_samples_are_one_sentence(values, wanted, said):
    """The error states what is wrong, with the values found."""
    with pytest.raises(UserError, match=said) as raised:
        _ = sample_set(stored(values), wanted, owner="digits").seen
    assert "\n" not in str(raised.value)


def hostile(place):
    """Write files that are cut, empty, of objects, of another content, or larger than they look."""
    whole = images(COLOURS)
    np.savez(place / "whole.npz", whole)
    content = (place / "whole.npz").read_bytes()
    (place / "cut.npz").write_bytes(content[: len(content) // 2])
    (place / "empty.npz").write_bytes(b"")
    (place / "torn.npz").write_bytes(content[:400] + bytes(100) + content[500:])
    np.savez(place / "objects.npz", np.array([{}], dtype=object))
    np.savez(place / "two.npz", a=whole, b=whole)
    np.savez(place / "none.npz")
    np.save(place / "whole.npy", whole)
    (place / "cut.npy").write_bytes((place / "whole.npy").read_bytes()[:-7])
    (place / "text.pt").write_text("text")
    (place / "text.txt").write_text("text")
    (place / "nothing").mkdir()
    (place / "text.zip").write_text("text")
    with (
        zipfile.ZipFile(place / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("arr_0.npy", "w") as file,
    ):
        count = (270 << 20) // 48
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, 4, 4, 3)}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, count, 1 << 20):
            file.write(bytes(48 * min(1 << 20, count - start)))
    with zipfile.ZipFile(place / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed, packed.open("bomb.png", "w") as file:
        for _ in range(270):
            file.write(bytes(1 << 20))
    mixed = pictures(place / "mixed", whole[:3])
    Image.fromarray(whole[0].repeat(2, axis=0)).save(mixed / "tall.png")
    return [
        *(f"{name}.npz" for name in ("cut", "empty", "torn", "objects", "two", "none", "bomb")),
        *("cut.npy", "text.pt", "text.txt", "nothing", "text.zip", "bomb.zip", "mixed", "missing.npz"),
    ]


READ = """
import resource, sys
from pathlib import Path
from benchmark.errors import UserError
from benchmark.problems.sample_set import sample_set
from benchmark.problems.stored import stored
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        sample_set(stored(Path(path)), None).seen
    except UserError as error:
        assert "\\n" not in str(error) and len(str(error)) < 600, error
        print(Path(path).name, error, sep=": ")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024)
"""


def test_hostile_files_are_one_sentence_each_and_take_no_memory(tmp_path):
    """Fifteen bad files, two of them bombs of 270 MiB, add less than 100 MiB to the process."""
    names = hostile(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", READ, *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    *lines, grown = done.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == names
    assert int(grown) < 100
    said = dict(line.split(": ", 1) for line in lines)
    assert "Python objects" in said["objects.npz"]
    assert "'a', 'b'" in said["two.npz"]
    assert "times its size in the file" in said["bomb.npz"]
    assert "'000.png' has 5x6 pixels and 'tall.png' 5x12" in said["mixed"]
    assert "There is no file or folder" in said["missing.npz"]


def test_unreadable_and_hidden_pictures_are_left_out(tmp_path):
    """A damaged picture and a text are counted and named; hidden folders and macOS's attributes are not even that."""
    values = images(COLOURS, 20)
    folder = pictures(tmp_path / "folder", values)
    for name in (".ipynb_checkpoints", "__MACOSX"):
        pictures(folder / name, values[:2])
    (folder / "note.txt").write_text("text")
    (folder / "torn.png").write_bytes((folder / "003.png").read_bytes()[:60])
    packed = tmp_path / "folder.zip"
    with zipfile.ZipFile(packed, "w") as written:
        for file in sorted(folder.rglob("*")):
            written.write(file, file.relative_to(folder))
    (folder / "__MACOSX").rename(folder / ".__MACOSX")
    for place in (folder, packed):
        found = sample_set(stored(place), COLOURS)
        assert len(found) == 20
        notes = " ".join(found.stored.notes)
        assert "1 skipped, not an image by its name: 'note.txt'" in notes
        assert "1 skipped, cannot be read" in notes
        assert "'torn.png'" in notes
