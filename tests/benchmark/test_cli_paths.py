"""Paths that cannot be used: every option of every command that takes one, before anything is done."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.benchmark.cli_builders import is_one_sentence, stored, type_in
from tests.benchmark.test_cli_mistakes import COMMANDS, types_of

__all__ = ["type_in"]

DIRECTORIES = {"--results", "--with", "--data-dir", "results"}  # the last is publish's argument
WRITTEN = {"--json", "--picture"}
READ = {"--weights", "--inception-weights", "--published", "--check", "--reference", "samples"}
REST = {  # what a command needs besides the path
    "run": ("-o", "ns", "-p", "ring", "--seeds", "1", "--iterations", "2"),
    "score": ("samples.npy", "-p", "ring"),
    "show": ("ns",),
    "check": ("ns",),
    "compare": ("ns", "good"),
    "follow": ("-o", "ns"),
    "reproduce": ("mescheder2018", "--tier", "smoke"),
    "tune": ("-o", "ns"),
    "publish": ("runs",),
    "fetch": ("mnist",),
}
PATHS = [
    (words, one.opts[0])
    for words, command in COMMANDS.items()
    for one in command.params
    if types_of(command).get(one.name) in (Path, list[Path])
]


def kind_of(words, option):
    """Return what a path option names; `--output` is a file or a directory by its command."""
    if option == "--output":
        return "directory" if words == ("figure",) else "written"
    return "directory" if option in DIRECTORIES else "written" if option in WRITTEN else "read"


def line(words, option, path):
    """Return a command line with a path for an option, or for the argument that is one."""
    rest = list(REST.get(words[-1], ()))
    if option in ("results", "samples"):
        return [*words, path, *rest[1:]]
    if option == "--reference":
        rest = rest[:1]
    return [*words, *rest, option, path]


OF_KIND = {kind: [case for case in PATHS if kind_of(*case) == kind] for kind in ("directory", "written", "read")}


def named(case):
    """Return a case as a test's name."""
    return " ".join((*case[0], case[1]))


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Work in a directory with records, a file, a pipe and a loop of links."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_BENCH_OFFLINE", "1")
    stored(tmp_path / "runs")
    np.save(tmp_path / "samples.npy", np.zeros((100, 2), np.float32))
    (tmp_path / "file").write_text("mine")
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


def test_the_table_holds_every_path():
    """Each option is of one of the three kinds."""
    assert {option for _, option in PATHS} == DIRECTORIES | WRITTEN | READ | {"--output"}
    assert len(OF_KIND["written"]) > 15


@pytest.mark.parametrize("case", OF_KIND["directory"], ids=named)
def test_what_is_no_directory_is_refused(case, type_in, place):
    """A file and a pipe, where a directory is wanted."""
    for path in ("file", "pipe"):
        code, out, err = type_in(*line(*case, path))
        assert is_one_sentence(code, out, err), err
        assert err == f"gan-bench: '{path}' is not a directory.\n"
    assert (place / "file").read_text() == "mine"


@pytest.mark.parametrize("case", OF_KIND["written"], ids=named)
def test_what_cannot_be_written_is_refused_first(case, type_in, place):
    """A directory, a pipe, a loop, below a file, in a directory that cannot be made; nothing is done before."""
    paths = {
        "directory": "Is a directory",
        "pipe": "Not a regular file",
        "loop": "Too many levels of symbolic links",
        "file/a": "Not a directory",
        "/proc/nowhere/a": "",
        "x" * 300: "File name too long",
        "/dev/null": "Not a regular file",
    }
    before = sorted(place.rglob("*"))
    for path, why in paths.items():
        code, out, err = type_in(*line(*case, path))
        assert is_one_sentence(code, out, err), err
        assert f"Cannot write {path!r}: {why}" in err
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("case", OF_KIND["read"], ids=named)
def test_what_is_no_file_is_refused(case, type_in):
    """A directory, a pipe, a loop, nothing, below a file, and a name that is too long."""
    more = ("--results", "runs") if case[1] in ("--check", "--published") else ()
    for path in ("directory", "pipe", "loop", "nothing", "file/a", "x" * 300):
        code, out, err = type_in(*line(*case, path), *more)
        assert (code == 4 and case[1] == "--check") or is_one_sentence(code, out, err), (path, err)
        assert path[:60] in err


@pytest.mark.parametrize(
    "more", [("run", "--dry-run"), ("run",), ("reproduce",), ("tune", "--trials", "1")], ids=" ".join
)
def test_results_that_cannot_be_written_are_refused_first(more, type_in):
    """Before anything is trained; a dry run says what the run would say."""
    if more[0] == "tune":
        pytest.importorskip("optuna", reason="Optuna is an extra: pip install optuna")
    for path, why in (("file", "is not a directory"), ("file/runs", "Not a directory"), ("/proc/runs", "Cannot write")):
        code, out, err = type_in(more[0], *REST[more[0]], *more[1:], "--results", path)
        assert is_one_sentence(code, out, err), err
        assert why in err


def test_a_path_that_is_too_long_makes_no_directory(type_in, place):
    """Thousands of directories would be made, and removed, before the system refuses the next one."""
    before = sorted(place.rglob("*"))
    code, out, err = type_in("run", *REST["run"], "--results", "x/" * 3000)
    assert (code, out) == (2, "")
    assert "(5999 characters): File name too long." in err
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("option", ["--results", "--json"])
def test_a_path_with_a_null_is_named(option, type_in):
    """The value, escaped."""
    code, out, err = type_in("leaderboard", option, "a\0b")
    assert is_one_sentence(code, out, err), err
    assert r"a\x00b" in err
