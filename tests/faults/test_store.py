"""The store under fault: what is recorded stays, what is bad is named and set aside, everything else goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys

import pytest

from benchmark.store import RECORD, read_all
from tests.faults.processes import Child, typed
from tests.faults.stores import ONE, is_whole, numbers, record_files

BOTH = (*ONE, "-o", "ns", "-o", "hinge", "--checkpoint-seconds", "0")

# The function at whose first call the disk is full: no file may then grow beyond 1,000 bytes, and the kernel says so.
FULL_AT = {
    "manifest": "benchmark.runner.groups:Cohort.write_manifest",
    "checkpoint": "benchmark.engine.checkpoint:pack",
    "curve": "benchmark.runner.curves:curve_bytes",
    "picture": "benchmark.runner.train:picture_or_none",
    "record": "benchmark.runner.train:write_record",
    "renaming": "benchmark.store.placing:move_in",
}
READ_ONLY_AT = {name: place for name, place in FULL_AT.items() if name != "renaming"}  # then the temporary stays too


@pytest.mark.parametrize("file", FULL_AT)
def test_a_full_disk_is_one_sentence_and_costs_only_time(file, half, whole, tmp_path, tally, monkeypatch):
    """Full in the middle of a file: exit code 2, the file named, no half of it left; with room again all is as ever."""
    size = 150 if file == "manifest" else 1000
    monkeypatch.chdir(half.parent)  # standard error is a file too: a long path in the sentence would not fit into it
    with tally.kept(half):
        done = typed([*BOTH, "--results", half.name], tmp_path, ["limit_files_at", FULL_AT[file], size])
    tally.fault()
    assert done.code == 2, done.err
    assert done.err.splitlines()[-1].startswith("gan-bench: Cannot write '")
    assert "Traceback" not in done.err
    assert is_whole(half)
    with tally.kept(half):
        assert typed([*BOTH, "--results", half], tmp_path).code == 0
    assert numbers(half) == numbers(whole)


def test_a_picture_that_cannot_be_drawn_costs_no_run(half, whole, tmp_path, tally):
    """A picture that fails is named in a warning, and the command succeeds."""
    done = typed([*BOTH, "--results", half], tmp_path, ["fail_at", "benchmark.runner.pictures:picture"])
    tally.fault()
    assert "No picture" in done.err
    assert "Traceback" not in done.err
    assert is_whole(half)
    assert numbers(half) == numbers(whole)


def test_an_interrupt_on_a_full_disk_is_still_an_interrupt(half, whole, tmp_path, tally):
    """Where the last checkpoint cannot be written, the exit code is the signal's and the older state stands."""
    full = ["limit_files_at", "benchmark.engine.checkpoint:pack", 1000]
    words = [*BOTH[:-2], "--results", half]  # no checkpoint but the interrupt's
    done = typed(words, tmp_path, full, ["signal_at_iteration", 15, 13])
    tally.fault()
    tally.kill()
    assert done.code == 143, done.err
    assert "Could not write a checkpoint" in done.err
    assert is_whole(half)
    assert typed(words, tmp_path).code == 0
    assert numbers(half) == numbers(whole)


@pytest.mark.parametrize(
    "words",
    [
        ("report", "--output", "mine.html"),
        ("leaderboard", "--json", "mine.json"),
        ("show", "ns", "--json", "mine.json"),
        ("show", "ns", "--picture", "mine.png"),
    ],
    ids=lambda words: words[0] + words[-1][4:],
)
def test_a_full_disk_leaves_the_older_file(words, whole, tmp_path, monkeypatch, tally):
    """A report, a table, a page or a picture that cannot be written leaves the one that was there."""
    monkeypatch.chdir(tmp_path)
    old = tmp_path / words[-1]
    old.write_text('"older"')
    place = [] if words[0] == "show" else ["--results", whole]
    done = typed([*words, *place], tmp_path, ["limit_files", 400])
    tally.fault()
    assert done.code == 2, done.err
    assert "Cannot write" in done.line
    assert old.read_text() == '"older"'
    assert is_whole(tmp_path)


@pytest.mark.parametrize("place", [None, *READ_ONLY_AT.values()], ids=["before", *READ_ONLY_AT])
def test_a_directory_that_turns_read_only(place, half, whole, tmp_path, tally):
    """Read-only from the start, or from some moment on: exit code 2 and one sentence; writable again, all goes on."""
    closing = ["close", str(half)] if place is None else ["close_at", place, str(half)]
    with tally.kept(half):
        done = typed([*BOTH, "--results", half], tmp_path, ["heed_permissions"], closing)
    tally.fault()
    assert done.code == 2, done.err
    assert "annot write" in done.err.splitlines()[-1]
    assert "Permission denied" in done.err
    assert "Traceback" not in done.err
    for path in (half, *half.rglob("*")):
        path.chmod(0o755)
    assert is_whole(half)
    with tally.kept(half):
        assert typed([*BOTH, "--results", half], tmp_path).code == 0
    assert numbers(half) == numbers(whole)


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_in_one_directory_do_not_disturb_each_other(processes, half, whole, tmp_path, tally):
    """The same command several times at once: all succeed, and the directory holds what one of them makes alone."""
    with tally.kept(half):
        children = [Child([*BOTH, "--results", half], tmp_path) for _ in range(processes)]
        ends = [child.join() for child in children]
    tally.fault(processes - 1)
    assert [done.code for done in ends] == [0] * processes, [done.err for done in ends]
    assert is_whole(half)
    assert numbers(half) == numbers(whole)


def torn(content: bytes) -> bytes:
    """Cut a record in the middle."""
    return content[: len(content) // 2]


def changed(**facts: object):
    """Return a function that puts other values into a record."""
    return lambda content: json.dumps(json.loads(content) | facts).encode()


DAMAGES = {
    "truncated": torn,
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
    "another schema": changed(schema=99),
    "another type": lambda content: b'"a record"',
    "unknown keys": changed(verdict="best"),
    "NaN": changed(scores={"modes": {"value": float("nan"), "standard_error": None, "direction": "higher"}}),
    "infinite": lambda content: content.replace(b'"value": ', b'"value": 1e999, "was": ', 1),
    "10 MB of lists": lambda content: b"[" * 10_000_000,
    "10 MB of tables": lambda content: b'{"schema":' * 1_000_000,
    "10 MB nested inside": lambda content: content.replace(b"{", b'{"x": ' + b"[" * 10_000_000, 1),
    "a number of 10 MB": lambda content: content.replace(b'"seed": 0', b'"seed": ' + b"9" * 10_000_000, 1),
    "not text": lambda content: b"\xff\xfe" + content,
    "another identity": changed(identity={"seed": 0, "problem": "another"}),
    "a score that is a table": changed(scores={"modes": {}}),
    "a protocol that is no table": changed(protocol={"modes": 3}),
    "a cost that is text": changed(compute={"seconds": "long"}),
    "a constant of 400 digits": changed(protocol={"modes": {"floor": 10**400}}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_bad_record_is_named_set_aside_and_made_again(damage, whole, tmp_path, type_in, tally):
    """Reading commands name it and show the others; `run` names it, sets it aside unchanged and makes the run again.

    A record of another version is left where it is, and its run is not made: exit code 3.
    """
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    victim = next(path for path in sorted(root.glob("ring/oracle/*/*")) if path.name == RECORD)
    good = victim.read_bytes()
    bad = DAMAGES[damage](good)
    assert bad != good
    victim.write_bytes(bad)
    with tally.kept(root):
        for command in ("leaderboard", "report"):
            output = ("--output", str(tmp_path / "r.html")) if command == "report" else ()
            code, _, err = type_in(command, *output, "--results", root)
            assert code == 0
            assert "skipped" in err
            assert victim.parent.name in err
    victims = {victim}
    others = {path: content for path, content in record_files(root).items() if path not in victims}
    code, out, err = type_in(*BOTH, "--results", root)
    tally.fault()
    assert str(victim) in err
    assert {path: record_files(root)[path] for path in others} == others
    if damage == "another schema":
        assert code == 3
        assert "1 runs are not finished" in err
        assert victim.read_bytes() == bad
    else:
        assert code == 0, err
        assert "1 new runs, 9 on record" in out
        assert json.loads(victim.read_bytes())["scores"] == json.loads(good)["scores"]
        assert bad in [path.read_bytes() for path in victim.parent.iterdir()]


def test_a_record_that_lies_in_another_runs_place_is_not_overwritten(whole, tmp_path, type_in, tally):
    """A directory renamed to another run's name: the stranger stays, and that run is told and not made."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    first, second = sorted((root / "ring" / "oracle").iterdir())
    shutil.rmtree(second)
    first.rename(second)
    with tally.kept(root):
        code, _, err = type_in(*BOTH, "--results", root)
    tally.fault()
    assert code == 3
    assert "would overwrite" in err
    assert len(read_all(root)[0]) == 9


@pytest.mark.parametrize("end", [b'{"iteration": 21, "critic_lo', b"\x00\x00\x00", b"\xff", b"[" * 1_000_000, b"nul"])
def test_a_curve_that_ends_badly_costs_its_last_line(end, whole, tmp_path, type_in, tally):
    """Half a line at the end of a curve loses no other point and no command."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    for curve in root.rglob("curve.jsonl"):
        with curve.open("ab") as file:
            file.write(end)
    with tally.kept(root):
        assert type_in("compare", "ns", "hinge", "--results", root)[0] == 0
        assert type_in("report", "--output", tmp_path / "r.html", "--results", root)[0] == 0
        assert type_in(*BOTH, "--results", root)[0] == 0
    tally.fault()


@pytest.mark.parametrize("name", ["Ergebnisse ü 目录 ☃", "a b", "-dash", "runs.d", "x" * 200, "%s{}$HOME", "'quote\""])
def test_a_results_directory_may_be_copied_and_renamed(name, whole, tmp_path, type_in, monkeypatch, tally):
    """Under another name and in another place the records are the same, and nothing is run again."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / name
    shutil.copytree(whole, root)
    _, before, _ = type_in("leaderboard", "--results", whole)
    with tally.kept(root):
        assert type_in("leaderboard", f"--results={name}")[1] == before
        code, out, _ = type_in(*BOTH, f"--results={name}")
    tally.fault()
    assert code == 0
    assert "0 new runs, 10 on record" in out


def test_names_that_differ_in_case_alone_stay_apart(whole, tmp_path, tally):
    """Where the file system folds case, rows share a folder and no run shares a directory with another."""
    source = "from objectives.classic import Minimax as {0}\nclass {0}({0}):\n    pass\n"
    names = ("Mine", "mine", "MINE")
    (tmp_path / "games.py").write_text("\n".join(source.format(name) for name in names))
    games = [word for name in names for word in ("-o", f"{tmp_path}/games.py:{name}")]
    root = tmp_path / "runs"
    done = typed([*ONE, *games, "--results", root], tmp_path)
    tally.fault(len(names))
    assert done.code == 0, done.err
    found = numbers(root)
    folded = [str(path.relative_to(root)).casefold() for path in record_files(root)]
    assert len(set(folded)) == len(folded) == len(found) == 12
    for path in list((root / "ring").iterdir()):  # what copying to such a file system makes of it
        for run in list(path.iterdir()):
            target = root / "ring" / path.name.casefold() / run.name
            target.parent.mkdir(exist_ok=True)
            run.rename(target)
    assert numbers(root) == found


@pytest.mark.skipif(sys.platform != "linux", reason="a process's limits are Linux's")
def test_the_limits_of_these_tests_do_limit(half, tmp_path, tally):
    """A child without a limit writes what one with a limit cannot: the faults above are faults."""
    assert typed([*BOTH, "--results", half], tmp_path).code == 0
    assert max(path.stat().st_size for path in half.rglob("curve.jsonl")) > 1000
    assert min(len(content) for content in record_files(half).values()) > 1000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", ["record.json", "curve.jsonl", "samples.npz", "manifest.json", "records.jsonl"])
def test_a_named_pipe_is_never_waited_for(name, whole, tmp_path, type_in, tally):
    """Wherever a file of the store is expected, a pipe is passed by: every command ends, and what is lost is named."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    folder = {"manifest.json": root / "groups" / ("0" * 16), "records.jsonl": root}
    place = folder.get(name) or next(path.parent for path in sorted(root.glob("ring/ns/*/record.json")))
    place.mkdir(exist_ok=True)
    (place / name).unlink(missing_ok=True)
    os.mkfifo(place / name)
    tally.fault()
    records, curves = {"record.json", "records.jsonl"}, {"curve.jsonl"}
    for words, read in (
        (("leaderboard",), records),
        (("compare", "ns", "hinge"), records | curves),
        (("report", "--output", str(tmp_path / "r.html")), records | curves | {"samples.npz"}),
    ):
        code, _, err = type_in(*words, "--results", root)
        assert code == 0, err
        assert ("Not a regular file" in err) == (name in read), words
    code, _, err = type_in(*BOTH, "--results", root)
    assert code == (3 if name == "record.json" else 0), err


@pytest.mark.parametrize("kind", ["a directory", "a loop of links"])
def test_a_pack_that_cannot_be_read_is_named(kind, whole, tmp_path, type_in, tally):
    """`run` and the tables say what is in the place of `records.jsonl`, and go on with the directories of runs."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    pack = root / "records.jsonl"
    if kind == "a directory":
        pack.mkdir()
    else:
        pack.symlink_to(pack)
    tally.fault()
    for words in (("leaderboard",), BOTH):
        code, out, err = type_in(*words, "--results", root)
        assert code == 0
        assert "records.jsonl" in err
        assert "hinge" in out
        assert "Traceback" not in err


def test_the_files_of_two_groups_do_not_mix(half, whole, tmp_path, tally):
    """Stopped before its first run is in place, a group of two goes on after another process made one of them alone."""
    words = ["run", "-p", "ring", "-o", "hinge", "--iterations", "20", "--results", half]
    stop = ["signal_at", "benchmark.store.placing:move_in", signal.SIGKILL]
    assert typed([*words, "--seeds", "2"], tmp_path, stop).code == 128 + signal.SIGKILL
    assert typed([*words, "--seeds", "1"], tmp_path).code == 0
    (alone,) = half.glob("ring/hinge/0-*")
    before = {path.name: path.read_bytes() for path in alone.iterdir()}
    assert set(before) == {"record.json", "curve.jsonl", "samples.npz", "picture.png"}
    assert typed([*words, "--seeds", "2"], tmp_path).code == 0
    tally.kill()
    assert {path.name: path.read_bytes() for path in alone.iterdir()} == before
    assert len(list(half.glob("ring/hinge/[01]-*/record.json"))) == 2
