"""Files beside records, damaged in every way: commands go on without them and name them."""

from __future__ import annotations

import os
import random
import shutil

import pytest

from benchmark import api
from benchmark.errors import UserError
from benchmark.store import CURVE, GENERATOR, PICTURE, RECORD, SAMPLES, directory_of, read_all
from benchmark.store.paths import OWN
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]

RUN = {"objectives": ["ns", "hinge"], "problems": "ring", "network": "mlp", "seeds": 2, "iterations": 20}


def by_truncation(path):
    """Keep the first half of a file, cut within a line or a member."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 1])


def by_noise(path):
    """Replace a file by random bytes."""
    path.write_bytes(random.Random(0).randbytes(path.stat().st_size))


def by_emptying(path):
    """Leave nothing of a file."""
    path.write_bytes(b"")


def by_directory(path):
    """Put a directory in the place of a file."""
    path.unlink()
    path.mkdir()


def by_pipe(path):
    """Put a pipe without a writer in the place of a file: who opens it waits for ever."""
    path.unlink()
    os.mkfifo(path)


def by_loop(path):
    """Put a link to itself in the place of a file."""
    path.unlink()
    path.symlink_to(path.name)


DAMAGES = [by_truncation, by_noise, by_emptying, by_directory, by_pipe, by_loop]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a directory of runs that left every file that a run can leave."""
    root = tmp_path_factory.mktemp("whole") / "runs"
    api.run(**RUN, keep_generators=True, results=root)
    return root


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_left_out_and_named(type_in, whole, tmp_path, damage):
    """The report, figures and comparisons of what remains; each file that was needed is named, and no record is lost.

    An empty curve is no damage: it is that of a run without points.
    """
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    records = read_all(root)[0]
    (hurt,) = (one for one in records if (one.row, one.seed) == ("ns", 0))
    for record in records:
        if record.row == "ns":
            for name in sorted(OWN - {RECORD}):
                damage(directory_of(root, record) / name)
    place, empty = directory_of(root, hurt), damage is by_emptying
    curve = str(place / CURVE)

    code, out, err = type_in("report", "--results", root, "--output", tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text()
    assert code == 0
    assert "Traceback" not in err
    assert (curve in err) is not empty
    assert "Damaged files next to the records" in text
    assert SAMPLES in text
    assert f"damaged {root}" in err

    code, _, err = type_in("figure", "samples", "--results", root, "--output", tmp_path / "figures")
    assert code == 0
    assert SAMPLES in err
    code, out, err = type_in("compare", "hinge", "ns", "--results", root)
    assert code == 0
    assert "hinge against ns" in out
    assert (curve in err) is not empty
    assert type_in("leaderboard", "--results", root)[::2] == (0, "")

    with pytest.warns(UserWarning, match="is damaged"):
        api.report(tmp_path / "b.html", root)
    with pytest.raises(UserError, match=GENERATOR.replace(".", r"\.")):
        api.generator(hurt, results=root)
    assert is_one_sentence(*type_in("score", place / GENERATOR, "-p", "ring", "--results", root))
    assert read_all(root) == (records, [])


def test_absent_files_are_no_damage(type_in, whole, tmp_path):
    """Records alone, as they are published, are complete: nothing is named."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root, ignore=shutil.ignore_patterns(CURVE, SAMPLES, PICTURE, GENERATOR))
    code, _, err = type_in("report", "--results", root, "--output", tmp_path / "a.html")
    assert (code, err) == (0, "")
    assert "Damaged" not in (tmp_path / "a.html").read_text()


def test_recorded_runs_do_not_need_their_files(whole, tmp_path):
    """A repeated request finds its records, and leaves whatever is beside them as it is."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    for name in OWN - {RECORD}:
        for path in root.rglob(name):
            by_directory(path)
    before = sorted(root.rglob("*"))
    assert {one.key for one in api.run(**RUN, results=root)} == {one.key for one in read_all(root)[0]}
    assert sorted(root.rglob("*")) == before
