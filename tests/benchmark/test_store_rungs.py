"""The ladder of a record: a run at fractions of its budget."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.store import End, RecordedScore, Rung, packed, read_all, write_record
from benchmark.store.record import parse_record
from tests.benchmark.store_builders import parsed, record


def with_ladder(**changes):
    """Build a record scored at a quarter of its budget, at half of it and at its end."""
    whole = record()
    early = [
        Rung(125, 250, End("collapsed", 125, "two modes"), {}, {"modes": "collapsed"}),
        Rung(250, 500, End("ok", 250), {"modes": RecordedScore(3.0, direction="higher")}, {"parzen": "no density"}),
    ]
    last = Rung(500, 1000, whole.end, whole.scores, whole.absent)
    return dataclasses.replace(whole, rungs=(*early, last), **changes)


def test_a_ladder_reads_back_as_it_was(tmp_path):
    """What is written of rungs is what is read, from a run's own file and from a pack."""
    write_record(tmp_path / "runs", with_ladder())
    assert read_all(tmp_path / "runs") == ([with_ladder()], [])
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "records.jsonl").write_bytes(packed([with_ladder()]))
    assert read_all(tmp_path / "pack") == ([with_ladder()], [])


def test_a_record_without_a_ladder_is_written_as_before():
    """Nothing is said of rungs where there are none, so that published packs keep every byte."""
    facts = json.loads(record().to_json())
    assert "rungs" not in facts
    assert parse_record(json.dumps(facts).encode()).rungs == ()


def at(*path, value):
    """Return the JSON of a record with one place below its rungs changed."""
    facts = json.loads(with_ladder().to_json())
    place = facts["rungs"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return json.dumps(facts).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (at(0, value=7), "rung 1"),
        (at(1, "iteration", value=1.5), "rung 2.*iteration must be a whole number"),
        (at(1, "gradient_evaluations", value=-1), "gradient_evaluations must be a whole number"),
        (at(1, "end", value={"state": "fine"}), "rung 2: 'end': state must be one of ok"),
        (at(1, "scores", "modes", "value", value="3"), "rung 2: 'modes': value must be a finite number"),
        (at(1, "scores", value=[]), "rung 2: scores must be a table"),
        (at(0, "absent", "modes", value=3), "rung 1.*absent must be reasons"),
        (at(0, "colour", value="red"), "rung 1.*colour"),
        (at(1, "iteration", value=125), "the iteration of rungs must be in increasing order"),
        (at(0, "gradient_evaluations", value=501), "the gradient_evaluations of rungs must be in increasing order"),
        (at(2, "scores", "modes", "value", value=7.5), "the last rung must be the run's own end and scores"),
        (at(2, "end", "iteration", value=499), "the last rung must be the run's own end and scores"),
    ],
)
def test_a_wrong_ladder_is_one_sentence(content, reason):
    """A ladder is checked to its leaves; the sentence says which rung is at fault."""
    with pytest.raises(ValueError, match=reason) as found:
        parse_record(content)
    assert "\n" not in str(found.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["end", "scores", "x"]), inner),
    max_leaves=5,
)


@given(JSON)
def test_no_type_among_rungs_is_fatal(value):
    """Whatever JSON value stands for a ladder, reading gives a record or one sentence."""
    facts = json.loads(record().to_json()) | {"rungs": value}
    found = parsed(json.dumps(facts).encode())
    assert "\n" not in found if isinstance(found, str) else parsed(found.to_json().encode()) == found
