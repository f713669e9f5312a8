"""What holds for the tables of any records."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.leaderboard import RENDERINGS, against_baseline, tables
from benchmark.store import End, Record, RecordedScore, identity_key

STATES = ["ok", "ok", "diverged", "critic_won", "collapsed", "stalled"]


@st.composite
def record(draw):
    """Draw the record of a run of one of a few settings, so that many meet."""
    control = draw(st.booleans())
    comparable = {"protocol": draw(st.integers(1, 2))} | ({} if control else {"budget": draw(st.integers(1, 2))})
    values = draw(st.dictionaries(st.sampled_from(["fd", "modes"]), st.integers(-3, 3), max_size=2))
    facts = {
        "kind": "control" if control else "objective",
        "problem": draw(st.sampled_from(["ring", "grid"])),
        "row": draw(st.sampled_from(["oracle", "untrained"] if control else ["ns", "minimax", "a|b"])),
        "track": None if control else draw(st.sampled_from(["shared", "paper"])),
        "seed": draw(st.integers(0, 4)),
        "comparable": comparable,
    }
    end = End(state="ok" if control else draw(st.sampled_from(STATES)))
    scores = {metric: RecordedScore(value=float(value), direction="lower") for metric, value in values.items()}
    return Record(key=identity_key(facts), identity=facts, end=end, scores=scores, **facts)


many = st.lists(record(), max_size=25, unique_by=lambda made: made.key)


@given(many)
@settings(max_examples=60, deadline=None)
def test_every_run_of_an_objective_stands_in_exactly_one_table(records):
    """Nothing is dropped and nothing counted twice; failures are counted by type."""
    found = [row for table in tables(records) for row in table.rows if not row.control]
    objectives = [made for made in records if made.kind == "objective"]
    assert sum(row.runs for row in found) == len(objectives)
    failed = sum((Counter(row.failures) for row in found), Counter())
    assert failed == Counter(made.end.state for made in objectives if made.end.state != "ok")


@given(many)
@settings(max_examples=60, deadline=None)
def test_a_table_holds_only_what_is_comparable(records):
    """Objectives of a table agree in everything, controls in all that they state, and those stand wherever they may."""
    built = tables(records)
    for made in records:
        for table in built:
            agrees = all(table.comparable.get(name, value) == value for name, value in made.comparable.items())
            fits = agrees and table.problem == made.problem and (made.kind == "control" or table.track == made.track)
            fits = fits and (made.kind == "control" or table.comparable == made.comparable)
            row = table.row(made.row)
            if fits:
                assert row is not None
                assert row.states[made.seed] == made.end.state
    captions = [table.caption for table in built]
    assert len(captions) == len(set(captions))


@given(many)
@settings(max_examples=60, deadline=None)
def test_rows_stand_in_order_and_failures_last(records):
    """Means of the sort column rise, rows without a value follow, rows that never finished end the table."""
    for table in tables(records):
        at = table.column(table.sort) if table.sort else None
        means = [None if at is None else row.cells[at].mean.value for row in table.rows]
        known = [mean for mean in means if mean is not None]
        assert known == sorted(known)
        assert all(mean is None for mean in means[len(known) :])
        finished = [row.finished > 0 for row in table.rows]
        assert finished == sorted(finished, reverse=True)


@given(many, st.randoms())
@settings(max_examples=60, deadline=None)
def test_any_records_render_in_any_order(records, order):
    """Every format writes every table, the same for shuffled records, and baselines never fail."""
    shuffled = list(records)
    order.shuffle(shuffled)
    built = tables(records)
    for table in built:
        against_baseline(table)
    for write in RENDERINGS.values():
        assert write(tables(shuffled)) == write(built)
