"""Every file format that the program reads, damaged at random: an answer or one sentence, and never more memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmark.engine import checkpoint
from benchmark.engine.loop import Position
from benchmark.errors import UserError
from benchmark.problems import any_problem, problem_of
from benchmark.reproduce.target import TARGETS, target_of
from benchmark.runner.generators import kept_generator
from benchmark.runner.notes import points_of, seconds_of
from benchmark.runner.suite import SUITES, suite_of
from benchmark.store import (
    GENERATOR,
    PACK,
    directory_of,
    identity_key,
    packed,
    read_all,
    read_curve,
    read_samples,
    samples_bytes,
)
from benchmark.store.record import parse_record
from tests.benchmark.builders import group
from tests.benchmark.store_builders import record
from tests.faults.fuzz import AMOUNTS, answered, fuzzed


class Format(NamedTuple):
    """A whole file of a format, the ending of its name, and what reads it; whatever that returns will do."""

    whole: Callable[[], bytes]
    ending: str
    read: Callable[[Path], Any]


def saved(value: Any) -> bytes:
    """Return what torch saves."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def archive(**arrays: Any) -> bytes:
    """Return what NumPy saves."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def png() -> bytes:
    """Return a small picture."""
    buffer = io.BytesIO()
    Image.fromarray(np.arange(3 * 64, dtype=np.uint8).reshape(8, 8, 3)).save(buffer, format="png")
    return buffer.getvalue()


def read_pack(path: Path) -> None:
    """Read a directory's published records; lines that are none are named."""
    path.rename(path.with_name(PACK))
    records, bad = read_all(path.parent)
    assert all(str(file.path).endswith(PACK) for file in bad)
    for one in records:
        parse_record(one.to_json().encode())


SMALL = group(seeds=range(1), iterations=3)


def read_checkpoint(path: Path) -> None:
    """Read a checkpoint whose digest was made right again, as a hostile writer would, and its notes."""
    start = len(checkpoint.MAGIC) + checkpoint.DIGEST
    try:
        position, notes = checkpoint.unpack(checkpoint.sealed(path.read_bytes()[start:]), "key", SMALL)
    except checkpoint.CheckpointError as error:
        raise UserError(str(error)) from error
    points_of(notes.get("curve"), 1, position.iteration)
    seconds_of(notes.get("seconds"))


IDENTITY = {"seed": 0, "network": "mlp"}
TRAINED = record(identity=IDENTITY, key=identity_key(IDENTITY))


def read_generator(path: Path) -> None:
    """Read the weights beside a record of the ring, and draw from them."""
    place = directory_of(path.parent, TRAINED)
    place.mkdir(parents=True)
    path.rename(place / GENERATOR)
    kept_generator(TRAINED, path.parent, path.parent).sample(3)


def whole_generator() -> bytes:
    """Return the weights of a generator of the ring."""
    return saved(problem_of("ring").configured("mlp").generator().state_dict())


def whole_checkpoint() -> bytes:
    """Return a checkpoint of one member with a curve."""
    notes = {"curve": [[0, {"critic_loss": [1.0]}], [2, {"critic_loss": [0.5]}]], "seconds": 1.0}
    return checkpoint.pack(Position(2, SMALL.start(), None), "key", notes)


POINTS = np.random.default_rng(0).random((40, 2))
FORMATS = {
    "record": Format(lambda: record().to_json().encode(), ".json", lambda path: parse_record(path.read_bytes())),
    "pack": Format(lambda: packed([record(0), record(1)]), ".jsonl", read_pack),
    "curve": Format(lambda: b'{"iteration": 0, "modes": 1.5}\n{"iteration": 9, "modes": 2}\n', ".jsonl", read_curve),
    "samples": Format(lambda: samples_bytes(np.eye(4, dtype=np.float32)), ".npz", read_samples),
    "checkpoint": Format(whole_checkpoint, ".pt", read_checkpoint),
    "generator": Format(whole_generator, ".pt", read_generator),
    "suite": Format(lambda: (SUITES / "smoke.toml").read_bytes(), ".toml", lambda path: suite_of(str(path))),
    "target": Format(lambda: (TARGETS / "lucic2018.toml").read_bytes(), ".toml", lambda path: target_of(str(path))),
    "array": Format(lambda: archive(train=POINTS, test=POINTS), ".npz", lambda path: data_of(path)),
    "tensor": Format(lambda: saved(torch.from_numpy(POINTS)), ".pt", lambda path: data_of(path)),
    "picture": Format(png, ".png", lambda path: data_of(path.parent, "folder:")),
}


def data_of(path: Path, prefix: str = "") -> None:
    """Load a user's data as a problem."""
    any_problem(f"{prefix}{path}").load(path.parent / "cache")


@pytest.mark.parametrize("times", AMOUNTS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_is_one_sentence(name, times, tmp_path, tally):
    """Bits turned, bytes cut out, doubled or put in, numbers made huge: each is an answer or a sentence."""
    form = FORMATS[name]
    whole = form.whole()
    places = st.integers(0, len(whole) - 1)
    pieces = st.sampled_from([b"", b"\x00", b"\xff" * 4, b"9" * 30, b"[" * 9, b"nan"])

    @fuzzed(40 * times)
    @given(places, st.integers(0, 40), pieces, st.sampled_from(["put in", "flip", "cut", "double"]))
    def tried(place, length, piece, way):
        tally.input()
        flipped = bytes([whole[place] ^ (1 << length % 8)])
        content = {
            "put in": whole[:place] + piece + whole[place + length :],
            "flip": whole[:place] + flipped + whole[place + 1 :],
            "cut": whole[:place],
            "double": whole[:place] + whole[max(0, place - length) :],
        }[way]
        folder = tmp_path / f"{tally.counts['inputs']}"
        folder.mkdir()
        path = folder / f"mine{form.ending}"
        path.write_bytes(content)
        answered(form.read, path)

    tried()


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_file_is_read(name, tmp_path):
    """The formats above are what the readers take: a reader that refuses everything would pass the test before."""
    form = FORMATS[name]
    if name == "picture":
        for number in range(40):
            (tmp_path / f"{number}.png").write_bytes(form.whole())
    path = tmp_path / f"mine{form.ending}"
    path.write_bytes(form.whole())
    form.read(path)


@pytest.mark.parametrize("bomb", ["shape", "zeros", "encrypted", "header", "object"])
def test_a_hostile_archive_of_samples_takes_no_memory(bomb, tmp_path, tally):
    """What an archive declares is held against what it holds before anything is allocated."""
    content = archive(samples=np.zeros((1000, 200_000) if bomb == "zeros" else (4, 2), np.float32))
    if bomb == "shape":
        content = content.replace(b"(4, 2)", b"(10000000000, 2)", 1)
    elif bomb == "encrypted":
        at = content.index(b"PK\x01\x02") + 8
        content = content[:at] + b"\x01" + content[at + 1 :]
    elif bomb == "header":
        content = content.replace(b"'<f4'", b"(((((", 1)
    elif bomb == "object":
        content = archive(samples=np.array([[{}]], dtype=object))
    path = tmp_path / "samples.npz"
    path.write_bytes(content)
    tally.input()
    with pytest.raises((ValueError, OSError)):
        read_samples(path) if bomb != "zeros" else bounded(path)


def bounded(path: Path) -> None:
    """Read an archive of 800 MB of zeros under a smaller bound."""
    from benchmark.store import samples

    kept, samples.LARGEST_ARRAY = samples.LARGEST_ARRAY, 2**20
    try:
        read_samples(path)
    finally:
        samples.LARGEST_ARRAY = kept


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {"curve": 1, "seconds": 1.0},
        {"curve": [[0, {"loss": [1.0, 2.0]}]], "seconds": 1.0},
        {"curve": [[0, {"loss": ["1"]}]], "seconds": 1.0},
        {"curve": [[2, {}], [1, {}]], "seconds": 1.0},
        {"curve": [[0, {}], [9, {}]], "seconds": 1.0},
        {"curve": [[0, {}]], "seconds": float("nan")},
        {"curve": [[0, {}]], "seconds": -1.0},
        {"curve": [[0, {}]], "seconds": "long"},
    ],
    ids=repr,
)
def test_notes_of_a_checkpoint_that_are_not_the_groups_are_refused(notes, tally):
    """A curve of other members, text for numbers, iterations that do not rise, a time that is none."""
    tally.input()
    with pytest.raises(ValueError, match=r"curve|seconds"):
        points_of(notes.get("curve"), 1, 2), seconds_of(notes.get("seconds"))
