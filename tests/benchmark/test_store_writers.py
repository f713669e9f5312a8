"""Writers of records that die, come second, or meet a directory that refuses them."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.store import (
    Unreadable,
    check_writable,
    directory_of,
    packed,
    placing,
    read_all,
    read_record,
    recorded,
    sweep,
    sweeping,
    write_record,
)
from tests.benchmark.store_builders import files_below, record

KILLED_WRITER = """
import os, sys, benchmark.store.disk as disk
from pathlib import Path
def die(handle): os._exit(9)
disk.os.fsync = die
disk.write_atomically(Path(sys.argv[1]), b"another")
"""


def test_a_writer_killed_before_the_rename_leaves_the_old_record(tmp_path):
    """Death between write and rename leaves a temporary and no half record, and sweeping removes only old ones."""
    path = write_record(tmp_path, record()) / "record.json"
    before = path.read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED_WRITER, path], check=False, cwd=Path.cwd())
    assert done.returncode == 9
    assert path.read_bytes() == before
    left = [found for found in path.parent.iterdir() if found != path]
    assert len(left) == 1
    own = path.parent / ".gan-bench-mine.tmp"
    own.write_text("another's file")
    now = left[0].stat().st_mtime
    assert sweep(tmp_path, older_than=60, now=now + 59) == []
    assert sweep(tmp_path, older_than=60, now=now + 61) == left
    assert sorted(path.parent.iterdir()) == [own, path]


@pytest.mark.parametrize("moment", ["write_synced", "move_in"])
def test_the_files_of_the_first_of_two_writers_are_kept(tmp_path, monkeypatch, moment):
    """Whenever another process puts the same run in place meanwhile, all of its files stay and none of ours comes."""
    first, second = record(compute={"seconds": 1.0}), record(compute={"seconds": 2.0})
    done, ours = getattr(placing, moment), {"curve.jsonl": b"2", "samples.npz": b"2"}

    def other_comes_first(*arguments):
        monkeypatch.setattr(placing, moment, done)
        write_record(tmp_path, first, {"curve.jsonl": b"1"})
        return done(*arguments)

    monkeypatch.setattr(placing, moment, other_comes_first)
    directory = write_record(tmp_path, second, ours)
    assert read_record(directory / "record.json") == first
    assert {path.name for path in directory.iterdir()} == {"record.json", "curve.jsonl"}
    assert (directory / "curve.jsonl").read_bytes() == b"1"
    assert [path.name for path in directory.parent.iterdir()] == [directory.name]


def test_a_run_takes_the_place_of_what_never_came_to_a_record(tmp_path):
    """Files of another training go, what a tracker keeps stays, and a torn record is set aside."""
    directory = directory_of(tmp_path, record())
    (directory / "tensorboard").mkdir(parents=True)
    (directory / "tensorboard" / "events").write_bytes(b"log")
    for name in ("curve.jsonl", "generator.pt", "record.json"):
        (directory / name).write_bytes(b"of another training")
    assert write_record(tmp_path, record(), {"curve.jsonl": b"ours"}) == directory
    aside = [path for path in directory.iterdir() if path.name.startswith("unreadable-")]
    assert [path.read_bytes() for path in aside] == [b"of another training"]
    assert {path.name for path in directory.iterdir()} - {aside[0].name} == {
        "tensorboard",
        "curve.jsonl",
        "record.json",
    }
    assert (directory / "tensorboard" / "events").read_bytes() == b"log"
    assert (directory / "curve.jsonl").read_bytes() == b"ours"
    assert [path.name for path in directory.parent.iterdir()] == [directory.name]


KILLED_PLACER = """
import os, sys
from pathlib import Path
from benchmark.store import placing, write_record
from benchmark.store.record import parse_record
placing.move_in = lambda *_: os._exit(9)
write_record(Path(sys.argv[1]), parse_record(sys.argv[2].encode()), {"curve.jsonl": b"whole"})
"""


@pytest.mark.parametrize("tracker", [True, False], ids=["a tracker's folder", "nothing there"])
def test_a_run_whose_writer_was_killed_before_the_rename_is_not_lost(tmp_path, tracker):
    """All its files are on disk under a temporary name: nobody reads it yet, and sweeping puts it in place."""
    done = subprocess.run([sys.executable, "-c", KILLED_PLACER, tmp_path, record().to_json()], check=False)
    assert done.returncode == 9
    assert read_all(tmp_path) == ([], [])
    (left,) = (tmp_path / "ring" / "ns").iterdir()
    directory = directory_of(tmp_path, record())
    if tracker:
        (directory / "tensorboard").mkdir(parents=True)
    now = left.stat().st_mtime
    assert sweep(tmp_path, older_than=60, now=now + 59) == []
    assert sweep(tmp_path, older_than=60, now=now + 61) == [left]
    assert read_all(tmp_path) == ([record()], [])
    assert (directory / "curve.jsonl").read_bytes() == b"whole"
    assert (directory / "tensorboard").is_dir() == tracker
    assert not left.exists()


def test_the_progress_of_a_killed_driver_is_swept(tmp_path):
    """A group's manifest and checkpoint stay, for it is not finished; only how far a worker had come goes."""
    group = tmp_path / "groups" / "0123"
    group.mkdir(parents=True)
    for name in ("manifest.json", "checkpoint.pt", "progress"):
        (group / name).write_text("1")
    now = (group / "progress").stat().st_mtime
    assert sweep(tmp_path, older_than=60, now=now + 61) == [group / "progress"]
    assert {path.name for path in group.iterdir()} == {"manifest.json", "checkpoint.pt"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_the_place_of_a_record_is_not_waited_for(tmp_path):
    """It is named, left alone, and never opened to read."""
    path = directory_of(tmp_path, record()) / "record.json"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert read_all(tmp_path) == ([], [Unreadable(path, "Not a regular file")])
    with pytest.raises(UserError, match="Will not overwrite"):
        write_record(tmp_path, record())


def test_a_link_to_no_file_is_no_record(tmp_path):
    """A dangling link in a record's place is replaced by the record."""
    path = directory_of(tmp_path, record()) / "record.json"
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "nowhere")
    write_record(tmp_path, record())
    assert read_record(path) == record()
    assert [found.name for found in path.parent.iterdir()] == ["record.json"]


def test_a_published_record_is_on_record(tmp_path):
    """A run that stands in the pack alone has a record, and one in its own directory comes before it."""
    places = {one.key: directory_of(tmp_path, one) for one in (record(0), record(1), record(2))}
    (tmp_path / "records.jsonl").write_bytes(packed([record(0), record(1)]))
    write_record(tmp_path, record(1, compute={"seconds": 2.0}))
    found = recorded(tmp_path, places)
    assert found == {record(0).key: record(0), record(1).key: record(1, compute={"seconds": 2.0})}


@pytest.mark.parametrize("refused", [FileNotFoundError, PermissionError])
@pytest.mark.parametrize("at", ["stat", "unlink"])
def test_sweeping_passes_by_what_it_may_not_remove(tmp_path, monkeypatch, refused, at):
    """A temporary that vanishes under the sweep, or that is another user's, stops nothing; the others go."""
    write_record(tmp_path, record())
    theirs, ours = (tmp_path / f".gan-bench-{digit * 16}.tmp" for digit in "01")
    theirs.write_text("")
    ours.write_text("")

    class Entry:
        """A directory's entry whose file has just gone."""

        def __init__(self, entry) -> None:
            self.name, self.path, self.entry = entry.name, entry.path, entry

        def is_file(self, **named):
            return self.entry.is_file(**named)

        def is_dir(self, **named):
            return self.entry.is_dir(**named)

        def stat(self, **named):
            if at == "stat" and self.path == str(theirs):
                raise refused
            return self.entry.stat(**named)

    entries, unlink = sweeping.entries_of, Path.unlink

    def unlinked(path, **named):
        if at == "unlink" and path == theirs and not (named.get("missing_ok") and refused is FileNotFoundError):
            raise refused
        unlink(path, **named)

    monkeypatch.setattr(sweeping, "entries_of", lambda *given: [Entry(entry) for entry in entries(*given)])
    monkeypatch.setattr(Path, "unlink", unlinked)
    assert sweep(tmp_path, older_than=60, now=ours.stat().st_mtime + 61) == [ours]


def test_a_writable_root_is_left_as_it_was(tmp_path):
    """Checking a directory that can be written, or made, leaves nothing behind."""
    (tmp_path / "there").mkdir()
    before = files_below(tmp_path)
    check_writable(tmp_path / "there")
    check_writable(tmp_path / "not" / "yet")
    assert files_below(tmp_path) == before


def test_checks_at_the_same_time_do_not_disturb_each_other(tmp_path):
    """Runs that start together on a fresh directory all find that it can be written, and leave no file there."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(check_writable, [tmp_path / "fresh" / "runs"] * 200))
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("below", ["file", "file/runs", "x" * 300, "new/" + "x" * 300, "nul\0byte", "dangling"])
def test_an_unwritable_root_is_one_sentence_and_nothing_is_made(tmp_path, below):
    """A root that cannot be written is a user's mistake, found before anything is made."""
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "else")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UserError, match=r"^Cannot write results to .*\.$"):
        check_writable(tmp_path / below)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that refuses even root")
def test_a_refusing_file_system_is_found_out():
    """Permission is tried, not asked for: a file system that refuses writes is caught."""
    with pytest.raises(UserError, match="Cannot write results to '/proc/"):
        check_writable(Path("/proc/gan-bench/runs"))
