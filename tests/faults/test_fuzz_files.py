"""What lies in files, made at random: an answer or one sentence, and no number that is none."""

from __future__ import annotations

import io
import json
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmark.engine import checkpoint
from benchmark.engine.loop import Position
from benchmark.leaderboard import RENDERINGS, compare_each, comparisons_text, side_by_side, tables
from benchmark.report import page
from benchmark.store import (
    CURVE,
    End,
    Kept,
    Record,
    RecordedScore,
    directory_of,
    identity_key,
    read_curve,
    write_record,
)
from benchmark.store.curve import parse_curve
from benchmark.store.record import FIELDS, parse_record
from tests.benchmark.builders import group
from tests.faults.fuzz import AMOUNTS, JSON, answered, fuzzed


def good(seed: int = 0, row: str = "ns", **facts: object) -> Record:
    """Build a record."""
    identity = {"row": row, "seed": seed}
    made: dict[str, object] = {
        "key": identity_key(identity),
        "kind": "objective",
        "problem": "ring",
        "row": row,
        "track": "shared",
        "seed": seed,
        "identity": identity,
        "end": End(state="ok"),
        "headline": ("modes",),
        "scores": {"modes": RecordedScore(value=1.0, direction="higher")},
        "compute": {"seconds": 1.0},
    }
    return Record(**(made | facts))


@pytest.mark.parametrize("times", AMOUNTS)
def test_records(times, tally):
    """Any JSON in any field, any bytes in any place: a record of finite scores, or one sentence."""
    whole = json.loads(good().to_json())

    @fuzzed(2_500 * times)
    @given(
        st.sampled_from([*sorted(FIELDS), "unknown"]), JSON, st.binary(max_size=4), st.integers(0, 600), st.booleans()
    )
    def tried(field, value, junk, place, cut):
        tally.input()
        content = json.dumps(whole | {field: value}).encode()
        content = content[:place] + junk + content[place + len(junk) :] if cut else content
        record = answered(parse_record, content)
        if record is not None:
            assert all(math.isfinite(score.value) for score in record.scores.values())
            assert parse_record(record.to_json().encode()) == record

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_curves(times, tally):
    """Any bytes in a curve: points by iteration, each bad line counted."""
    lines = st.binary(max_size=12) | JSON.map(lambda value: json.dumps(value).encode())
    points = st.dictionaries(st.sampled_from(["iteration", "modes"]), JSON).map(
        lambda point: json.dumps(point).encode()
    )

    @fuzzed(800 * times)
    @given(st.lists(lines | points, max_size=5))
    def tried(content):
        tally.input()
        curve = parse_curve(content)
        assert len(curve.points) + curve.bad_lines <= len(content)
        assert [point["iteration"] for point in curve.points] == sorted({p["iteration"] for p in curve.points})

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_checkpoints(times, tally):
    """One bit or some bytes of a checkpoint changed: it is refused, or reads as it was."""
    small = group(seeds=range(1), iterations=3)
    position = Position(2, small.start(), None)
    whole = checkpoint.pack(position, "key", {"seconds": 1.0, "curve": []})

    @fuzzed(500 * times)
    @given(st.integers(0, len(whole) - 1), st.integers(0, 7), st.sampled_from(["flip", "cut", "drop", "add"]))
    def tried(place, bit, way):
        tally.input()
        flipped = whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :]
        changed = {"flip": flipped, "cut": whole[:place], "drop": whole[:place] + whole[place + 1 :]}
        content = changed.get(way, whole + bytes([bit]))
        with pytest.raises(checkpoint.CheckpointError):
            checkpoint.unpack(content, "key", small)

    tried()
    assert checkpoint.unpack(whole, "key", small)[0].iteration == 2


@pytest.mark.parametrize("times", AMOUNTS)
def test_checkpoints_whose_digest_is_right(times, tally):
    """What a hostile writer may put into a sealed checkpoint: of another form it is refused, and nothing is run."""
    small = group(seeds=range(1), iterations=3)
    position = Position(2, small.start(), None)
    plain = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2) | st.just({})

    @fuzzed(150 * times)
    @given(st.sampled_from(["format", "key", "iteration", "leaves", "notes"]), plain)
    def tried(field, value):
        tally.input()
        start = len(checkpoint.MAGIC) + checkpoint.DIGEST
        content = torch.load(io.BytesIO(checkpoint.pack(position, "key", {})[start:]), weights_only=True)
        changed = content | {field: value}
        buffer = io.BytesIO()
        torch.save(changed, buffer)
        sealed = checkpoint.sealed(buffer.getvalue())
        try:
            found, notes = checkpoint.unpack(sealed, "key", small)
        except checkpoint.CheckpointError:
            return
        assert 0 <= found.iteration <= 3
        assert type(notes) is dict

    tried()


def nan_free(text: str) -> bool:
    """Return whether no number in a text is NaN or infinite."""
    words = {word.strip("*$|,<>").casefold() for word in text.replace(",", " ").split()}
    return not words & {"nan", "inf", "-inf", "infinity", "±nan", "±inf"}


@pytest.mark.parametrize("times", AMOUNTS)
def test_tables_of_any_finite_scores(times, tmp_path, tally):
    """Whatever finite values stand in records, no table, comparison or page holds a NaN."""
    extreme = st.sampled_from([0.0, -0.0, 1e-320, 1e-9, 1.0, 1.0 + 1e-15, 1e19, -1e19, 1e75, -1e75, 1.7e308])
    named = st.sampled_from(["seconds", "versions", "processor", "n_samples", "floor"]) | st.text(max_size=3)
    values = st.lists(extreme | st.floats(-1e75, 1e75), min_size=1, max_size=3)
    facts = st.fixed_dictionaries(
        {},
        optional={
            name: st.dictionaries(named, JSON, max_size=2)
            for name in ("compute", "environment", "protocol", "group", "comparable")
        },
    )

    @fuzzed(150 * times)
    @given(values, values, facts)
    def tried(ours, theirs, others):
        tally.input()
        try:
            records = [
                parse_record(good(seed, row, scores={"modes": RecordedScore(value=value)}, **others).to_json().encode())
                for row, row_values in (("ns", ours), ("hinge", theirs))
                for seed, value in enumerate(row_values)
            ]
        except ValueError:
            return  # NaN among the facts is no record
        built = tables(records, None, None, "ns")
        for write in RENDERINGS.values():
            assert nan_free(write(built))
        assert nan_free(comparisons_text(compare_each(records, "ns", ["hinge"], None)))
        page(records, Kept(tmp_path), "ns")

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_pages_of_any_curve_and_samples(times, tmp_path, tally):
    """Whatever points and samples lie beside records, the page is made, the side-by-side too, and holds no NaN."""
    records = [good(seed, row) for row in ("ns", "hinge") for seed in range(2)]
    for record in records:
        write_record(tmp_path, record)
    numbers = st.sampled_from(
        ["0", "1.5", "-1e75", "1e400", "-1e400", "NaN", "1" * 400, "true", '"1"', "null", "[1]", "{}"]
    )
    names = st.sampled_from(["modes", "critic_loss", "generator_loss", "other"])
    points = st.tuples(st.integers(0, 3) | st.just(10**400), names, numbers).map(
        lambda point: f'{{"iteration": {point[0]}, "{point[1]}": {point[2]}}}'.encode()
    )
    arrays = st.sampled_from(
        [np.zeros((3, 2)), np.full((3, 2), np.nan), np.zeros((0, 2)), np.array(["x"]), np.zeros(3)]
    )
    arrays |= st.sampled_from(
        [np.full((3, 64), 1e300), np.full((9, 2), -np.inf), np.zeros((2, 2, 2, 2)), np.eye(2) * 1e308]
    )

    @fuzzed(100 * times)
    @given(st.lists(points, max_size=6), arrays)
    def tried(lines, samples):
        tally.input()
        for record in records:
            directory = directory_of(tmp_path, record)
            (directory / CURVE).write_bytes(b"\n".join(lines))
            np.savez(directory / "samples.npz", samples=samples)
        visible = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page(records, Kept(tmp_path), "ns"), flags=re.DOTALL)
        assert nan_free(visible)
        curves = {
            row: [read_curve(directory_of(tmp_path, record) / CURVE) for record in records] for row in ("ns", "a")
        }
        for name in ("modes", "critic_loss"):
            assert nan_free(side_by_side(curves, name))

    tried()
