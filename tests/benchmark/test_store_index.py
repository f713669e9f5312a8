"""The index of a results directory: the same records as their files, and none that is no longer there."""

from __future__ import annotations

import dataclasses
import os
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.store import End, RecordedScore, Rung, index, packed, read_all, write_record
from benchmark.store.blocks import blocks_of, records_of
from benchmark.store.columns import columns_of, values_of
from tests.benchmark.store_builders import record

PLAIN = (
    st.none()
    | st.sampled_from([0.0, -0.0, 1.0, 1, True])
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-1e9, 1e9)
    | st.text(max_size=3)
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner))
METRICS = st.dictionaries(
    st.sampled_from(["modes", "fd", "kid"]),
    st.builds(
        RecordedScore,
        value=st.floats(-1e75, 1e75),
        standard_error=st.none() | st.floats(0, 1e9),
        direction=st.sampled_from(["higher", "lower", "none"]),
    ),
)
ENDS = st.builds(
    End,
    state=st.sampled_from(["ok", "diverged"]),
    iteration=st.none() | st.integers(0, 9),
    reason=st.none() | st.text(),
)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Return a directory of records of three rows, and a cache where an index is worth writing."""
    monkeypatch.setattr(index, "WORTH_WRITING", 1)
    root = tmp_path / "runs"
    for row in ("ns", "hinge", "oracle"):
        for seed in range(4):
            write_record(root, record(seed, row))
    return root, tmp_path / "cache"


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), VALUES) | VALUES, min_size=1, max_size=5))
def test_columns_hold_what_they_were_made_of(values):
    """Any values of JSON come back from their columns to the last bit."""
    assert repr(values_of(columns_of(values), len(values))) == repr(values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(METRICS, ENDS, st.booleans(), st.dictionaries(st.text(max_size=2), VALUES)), max_size=6))
def test_blocks_hold_what_they_were_made_of(parts):
    """Any records come back from their blocks, in their order, with every bit of every number, and write as before."""
    records = [
        record(
            seed,
            scores=scores,
            end=end,
            environment=facts,
            rungs=(Rung(1, 2, End("ok", 1), scores), Rung(3, 6, end, scores, {"parzen": "no density"}))
            if laddered
            else (),
        )
        for seed, (scores, end, laddered, facts) in enumerate(parts)
    ]
    found = records_of(blocks_of(records))
    assert found == records
    assert packed(found) == packed(records)
    for record_found, known in zip(found, records, strict=True):
        assert dict(record_found.scores) == dict(known.scores)
        assert dataclasses.replace(record_found, kind="control").row == known.row


def test_an_index_gives_the_records_of_the_files(store):
    """Read from the files, from a fresh index and from a written one: the same records in the same order."""
    root, cache = store
    plain = read_all(root)
    assert read_all(root, cache) == plain
    (path,) = (cache / "index").iterdir()
    before = path.read_bytes()
    assert read_all(root, cache) == plain
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", ["new", "gone", "row gone", "rewritten", "torn", "copied"])
def test_what_changes_below_the_root_is_seen(store, change):
    """A record that comes, goes, changes or breaks after indexing counts as it is now."""
    root, cache = store
    read_all(root, cache)
    victim = next(root.glob("ring/ns/2-*"))
    if change == "new":
        write_record(root, record(9))
    elif change == "gone":
        shutil.rmtree(victim)
    elif change == "row gone":
        shutil.rmtree(root / "ring" / "hinge")
    elif change == "rewritten":
        (victim / "record.json").write_text(record(2, compute={"seconds": 2.5}).to_json())
    elif change == "torn":
        (victim / "record.json").write_bytes(b"{")
    else:
        shutil.copytree(victim, victim.with_name("7" + victim.name[1:]))
    expected = read_all(root)
    assert read_all(root, cache) == expected
    assert read_all(root, cache) == expected


@pytest.mark.parametrize("damage", ["bit", "cut", "empty", "version", "a directory", "a pipe"])
def test_a_damaged_index_is_made_again(store, damage):
    """Whatever happened to the index, the records are those of the files."""
    root, cache = store
    expected = read_all(root, cache)
    (path,) = (cache / "index").iterdir()
    content = path.read_bytes()
    path.unlink()
    if damage == "a directory":
        path.mkdir()
    elif damage == "a pipe":
        os.mkfifo(path)
    else:
        at = len(content) // 2
        flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        other = content.replace(b'{"format": 1}', b'{"format": 99}')
        path.write_bytes({"bit": flipped, "cut": content[:at], "empty": b"", "version": other}[damage])
    assert read_all(root, cache) == expected
    assert read_all(root, cache) == expected


def test_a_cache_that_cannot_be_written_costs_time_only(store):
    """Where a file stands in the cache's place, the records are read from their files."""
    root, cache = store
    cache.write_text("")
    assert read_all(root, cache) == read_all(root)


def test_few_records_leave_no_index(tmp_path):
    """Nothing is written where reading the files takes no time."""
    write_record(tmp_path / "runs", record())
    read_all(tmp_path / "runs", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
