"""Records on disk."""

import dataclasses
import errno
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import StoreError, UserError
from benchmark.store import (
    End,
    Record,
    Score,
    Unreadable,
    check_writable,
    directory_of,
    files,
    identity_key,
    packed,
    read_all,
    read_record,
    recorded,
    run_directory,
    sweep,
    write_record,
)
from benchmark.store.record import parse_record


def record(seed=0, row="ns", problem="ring", **changes):
    """Build a record of a run that ended well."""
    identity = {"problem": problem, "row": row, "seed": seed}
    facts = {
        "key": identity_key(identity),
        "kind": "objective",
        "problem": problem,
        "row": row,
        "track": "shared",
        "seed": seed,
        "identity": identity,
        "comparable": {"protocol": 1, "budget": 1000},
        "end": End(state="ok", iteration=500),
        "scores": {"modes": Score(value=8.0, direction="higher"), "fd": Score(value=0.1 + 0.2, direction="lower")},
        "absent": {"parzen": "no density"},
        "compute": {"seconds": 1.5},
    }
    return Record(**(facts | changes))


def files_below(root):
    """List every path below a directory with its content."""
    return {path: path.read_bytes() if path.is_file() else None for path in Path(root).rglob("*")}


def test_a_record_reads_back_as_it_was(tmp_path):
    """What is written is what is read, to the last bit, from a directory that people can read."""
    directory = write_record(tmp_path, record())
    assert directory == tmp_path / "ring" / "ns" / f"0-{record().key}"
    assert read_all(tmp_path) == ([record()], [])
    assert recorded(tmp_path, {record().key: directory}) == {record().key: record()}


def test_only_the_record_is_left_behind(tmp_path):
    """Writing leaves one file and no temporary."""
    directory = write_record(tmp_path, record())
    assert [path.name for path in directory.iterdir()] == ["record.json"]


def test_records_come_in_one_order(tmp_path):
    """Reading sorts by problem, row and seed as a number, whatever the order of writing."""
    for seed, row in [(10, "ns"), (2, "ns"), (0, "ebgan")]:
        write_record(tmp_path, record(seed, row))
    assert [(found.row, found.seed) for found in read_all(tmp_path)[0]] == [("ebgan", 0), ("ns", 2), ("ns", 10)]


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_name_leads_out_of_the_root(problem, row):
    """Whatever a row is called, its run lies three levels below the root, under portable names."""
    root = Path("/root")
    directory = run_directory(root, problem, row, 3, "0123456789abcdef")
    assert directory.parents[2] == root
    for part in directory.relative_to(root).parts:
        assert part.isascii()
        assert part not in (".", "..")
        assert len(part) <= 81
        assert not set(part) & set('/\\:*?"<>|\0 ')


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("ebgan:margin=2", "ebgan_margin=2"),
        ("hinge+r1", "hinge+r1"),
        ("../../x", "_.._.._x"),
        ("", "_"),
        ("con", "_con"),
    ],
)
def test_names_stay_readable(row, name):
    """A row's folder is its name, with only the unsafe signs replaced."""
    assert run_directory(Path("r"), "ring", row, 0, "0" * 16).parts[-2] == name


def test_rows_that_share_a_folder_stay_apart(tmp_path):
    """Two rows whose names fall together on disk keep their own records."""
    write_record(tmp_path, record(row="a/b"))
    write_record(tmp_path, record(row="a:b"))
    assert [found.row for found in read_all(tmp_path)[0]] == ["a/b", "a:b"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (record().to_json().encode()[:200], "torn, or not JSON"),
        (b"[]", "object"),
        (b"\xff\xfe\x00", "decode"),
        (b"[" * 100_000, "nested"),
        (
            record().to_json().replace('"schema": 1', '"schema": 2').encode(),
            "schema '2', and this version reads schema 1",
        ),
        (record().to_json().replace('"schema": 1', '"schema": true').encode(), "schema 'True'"),
        (record().to_json().replace(' "schema": 1,\n', "").encode(), "no schema version"),
        (record().to_json().replace("8.0", "NaN").encode(), "finite"),
        (record().to_json().replace("1.5", "1e999").encode(), "finite"),
        (record().to_json().replace("8.0", '"8"').encode(), "'modes': value must be a finite number"),
        (record().to_json().replace('"value": 8.0,', "").encode(), "modes"),
        (record().to_json().replace(' "seed": 0,', ' "seed": "0",').encode(), "seed"),
        (record().to_json().replace('"seed": 0', '"seed": 4', 1).encode(), "seed"),
        (record().to_json().replace('"problem": "ring",\n  "row"', '"problem": "grid",\n  "row"').encode(), "hash"),
        (record().to_json().replace('"state": "ok"', '"state": "fine"').encode(), "'end': state must be one of ok"),
        (record().to_json().replace('"problem": "ring",', "", 1).encode(), "fields missing or unknown: 'problem'"),
        (record().to_json().replace('"no density"', "[]").encode(), "absent"),
    ],
)
def test_bad_records_are_named_and_left_alone(tmp_path, content, reason):
    """A file that is no record is reported with its path and reason; the others are read; nothing changes."""
    write_record(tmp_path, record(1))
    bad = write_record(tmp_path, record()) / "record.json"
    bad.write_bytes(content)
    before = files_below(tmp_path)
    records, problems = read_all(tmp_path)
    assert [found.seed for found in records] == [1]
    assert [problem.path for problem in problems] == [bad]
    assert reason.casefold() in problems[0].reason.casefold()
    assert "\n" not in problems[0].reason
    assert files_below(tmp_path) == before
    assert recorded(tmp_path, {record().key: bad.parent}) == {}


def parsed(content):
    """Give a record, or the sentence that says why it is none."""
    try:
        return parse_record(content)
    except ValueError as error:
        return str(error)


@given(st.data())
def test_no_damage_to_a_record_is_fatal(data):
    """Whatever bytes replace a part of a record, reading gives a record or one sentence."""
    content = record().to_json().encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    piece = data.draw(
        st.one_of(st.binary(max_size=20), st.sampled_from([b"null", b"[]", b"{}", b"-1", b"1e999", b'""']))
    )
    damaged = content[:start] + piece + content[end:]
    found = parsed(damaged)
    assert len(found) < 400 if isinstance(found, str) else parsed(found.to_json().encode()) == found


@pytest.mark.parametrize("name", [part.name for part in dataclasses.fields(Record)])
@pytest.mark.parametrize("value", [None, [], {}, "", "x", -1, 1.5, True, [[]], {"a": None}])
def test_no_type_in_a_record_is_fatal(name, value):
    """Whatever JSON value stands in a field, reading gives a record or one sentence."""
    facts = json.loads(record().to_json()) | {name: value}
    found = parsed(json.dumps(facts).encode())
    assert "\n" not in found if isinstance(found, str) else parsed(found.to_json().encode()) == found


def test_unfinished_and_foreign_things_are_not_problems(tmp_path):
    """A run without a record, other people's files and an absent root are no errors."""
    run_directory(tmp_path, "ring", "ns", 0, "0" * 16).mkdir(parents=True)
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / "ring" / "ns" / "notes").mkdir()
    assert read_all(tmp_path) == ([], [])
    assert read_all(tmp_path / "nowhere") == ([], [])


def test_a_copied_run_counts_once(tmp_path):
    """A second record of one run is reported instead of counted."""
    directory = write_record(tmp_path, record())
    copy = directory.with_name(f"9-{record().key}")
    copy.mkdir()
    (copy / "record.json").write_bytes((directory / "record.json").read_bytes())
    records, problems = read_all(tmp_path)
    assert len(records) == 1
    assert problems == [Unreadable(copy / "record.json", f"a second record of run {record().key}")]


def test_a_root_that_is_a_file_is_a_users_mistake(tmp_path):
    """A file in the place of the results directory is one sentence."""
    (tmp_path / "runs").write_text("")
    with pytest.raises(StoreError, match="is not a directory"):
        read_all(tmp_path / "runs")
    with pytest.raises(StoreError, match="Cannot write"):
        write_record(tmp_path / "runs", record())


def test_junk_is_replaced_and_another_schema_is_not(tmp_path):
    """Writing repairs a torn record, and refuses to destroy one that only a newer version can read."""
    path = write_record(tmp_path, record()) / "record.json"
    path.write_bytes(b'{"schema": 1, "ke')
    write_record(tmp_path, record())
    assert read_record(path) == record()
    path.write_text(record().to_json().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(StoreError, match="Will not overwrite"):
        write_record(tmp_path, record())


@pytest.mark.parametrize(
    "change",
    [
        {"key": "0" * 16},
        {"identity": {"seed": 5}, "key": identity_key({"seed": 5})},
        {"seed": -1},
        {"seed": True},
        {"scores": {"fd": 1.0}},
        {"end": "ok"},
        {"track": "fast"},
        {"row": ""},
        {"identity": {"lr": float("nan")}},
    ],
)
def test_a_record_that_contradicts_itself_is_not_made(change):
    """A key that is not the identity's, a wrong type or an unknown word is refused when the record is made."""
    with pytest.raises(ValueError, match=r"must be|JSON"):
        record(**change)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", True, None])
def test_a_score_is_a_finite_number(value):
    """What is not a finite number is no score."""
    with pytest.raises(ValueError, match="value must be a finite number"):
        Score(value=value)


@pytest.mark.parametrize("change", [{"compute": {"seconds": float("inf")}}, {"environment": {"path": Path("x")}}])
def test_what_json_cannot_hold_is_not_written(tmp_path, change):
    """A NaN or an object among the facts is refused before anything is written."""
    with pytest.raises(ValueError, match="not plain JSON"):
        write_record(tmp_path, record(**change))
    assert list(tmp_path.iterdir()) == []


KILLED_WRITER = """
import os, sys, benchmark.store.files as files
from pathlib import Path
def die(handle): os._exit(9)
files.os.fsync = die
files.write_atomically(Path(sys.argv[1]), b"another")
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


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_the_first_of_two_writers_is_kept(tmp_path, monkeypatch, links):
    """A record that another process writes after the check stays, and so does one on a file system without links."""

    def refuse(source, target):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(files.os, "link", refuse)
    first, second = record(compute={"seconds": 1.0}), record(compute={"seconds": 2.0})
    fsync, synced = os.fsync, []

    def other_comes_first(handle):
        fsync(handle)
        synced.append(handle)
        if len(synced) == 1 and links:
            write_record(tmp_path, first)

    monkeypatch.setattr(files.os, "fsync", other_comes_first)
    if not links:
        write_record(tmp_path, first)
    directory = write_record(tmp_path, second)
    assert read_record(directory / "record.json") == first
    assert [path.name for path in directory.iterdir()] == ["record.json"]
    assert synced


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

        def stat(self, **named):
            if at == "stat" and self.path == str(theirs):
                raise refused
            return self.entry.stat(**named)

    entries, unlink = files._entries, Path.unlink

    def unlinked(path, **named):
        if at == "unlink" and path == theirs and not (named.get("missing_ok") and refused is FileNotFoundError):
            raise refused
        unlink(path, **named)

    monkeypatch.setattr(files, "_entries", lambda *given: [Entry(entry) for entry in entries(*given)])
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


def test_importing_the_store_is_light():
    """Neither the store nor the leaderboard loads torch, pandas, matplotlib or scipy.stats."""
    heavy = "{'torch', 'pandas', 'matplotlib', 'scipy.stats', 'sklearn'}"
    code = f"import sys, benchmark.leaderboard, benchmark.store, benchmark.stats; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ)
    assert done.stdout.strip() == "set()"


def test_a_records_directory_is_found_from_the_record():
    """The directory of a record is the one that its fields name."""
    assert directory_of(Path("r"), record(row="a:b")) == run_directory(
        Path("r"), "ring", "a:b", 0, record(row="a:b").key
    )
