"""Records on disk."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import StoreError
from benchmark.store import (
    Record,
    RecordedScore,
    Unreadable,
    directory_of,
    identity_key,
    read_all,
    read_record,
    recorded,
    run_directory,
    write_record,
)
from tests.benchmark.store_builders import files_below, parsed, record


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
        (record().to_json().encode()[:200], "incomplete, or not JSON"),
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
        RecordedScore(value=value)


@pytest.mark.parametrize("change", [{"compute": {"seconds": float("inf")}}, {"environment": {"path": Path("x")}}])
def test_what_json_cannot_hold_is_not_written(tmp_path, change):
    """A NaN or an object among the facts is refused before anything is written."""
    with pytest.raises(ValueError, match="not plain JSON"):
        write_record(tmp_path, record(**change))
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize(
    ("table", "facts", "place"),
    [
        ("protocol", {"modes": 3}, "protocol.modes must be a table"),
        ("protocol", {"modes": {"floor": 10**400}}, "protocol.modes.floor must be a finite number of at most ±1e"),
        ("comparable", {"gradient_evaluations": "many"}, "comparable.gradient_evaluations must be a whole number"),
        ("compute", {"seconds": "long"}, "compute.seconds must be a number of seconds"),
        ("compute", {"seconds": True}, "compute.seconds"),
        ("compute", {"gradient_evaluations": -1}, "compute.gradient_evaluations"),
        ("group", {"members": [4]}, "group.members"),
        ("environment", {"versions": [[[1e80]]]}, "environment.versions[0][0][0] must be a finite number"),
        ("environment", {"a\nb" * 30: 1e80}, "environment.'a"),
        ("environment", json.loads('{"x":' * 30 + "1" + "}" * 30), "nested more than 20 levels"),
    ],
)
def test_facts_are_checked_to_their_leaves(table, facts, place):
    """A record whose facts hold what nothing here writes is named with the place, and costs no other one its table."""
    content = json.loads(record().to_json()) | {table: facts}
    why = parsed(json.dumps(content).encode())
    assert place in why
    assert "\n" not in why
    assert len(why) < 300


def test_published_records_pass(published_lines):
    """Every record in `results/` is read by these rules."""
    assert all(isinstance(parsed(line), Record) for line in published_lines)


@pytest.fixture
def published_lines():
    """Return some lines of each published pack."""
    packs = sorted((Path(__file__).parents[2] / "results").rglob("records.jsonl"))
    assert packs
    return [line for pack in packs for line in pack.read_bytes().splitlines()[::7]]


def test_a_submission_is_a_record_without_a_seed(tmp_path):
    """Samples made elsewhere have a record of their own kind, whose identity names no seed and no budget."""
    identity = {"kind": "submission", "problem": "ring", "samples": "0" * 16}
    made = dataclasses.replace(record(), key=identity_key(identity), kind="submission", track=None, identity=identity)
    write_record(tmp_path, made)
    assert read_all(tmp_path)[0] == [made]
    with pytest.raises(ValueError, match="kind must be objective, control or submission, not 'guess'"):
        dataclasses.replace(made, kind="guess")
