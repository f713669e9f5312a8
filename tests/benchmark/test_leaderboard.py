"""Leaderboard tables, every cell against a value worked out by hand."""

import json

import pytest

from benchmark.errors import UnknownName
from benchmark.leaderboard import markdown, tables
from benchmark.store import End, Record, RecordedScore, identity_key

# Quantiles t[df, 0.975] from a printed table: df 1 12.7062, df 2 4.30265.
T1, T2 = 12.7062, 4.30265


def run(row, seed, fd=None, modes=None, state="ok", **changes):
    """Build the record of a run on `ring`, a control if it is called oracle or untrained."""
    control = row in ("oracle", "untrained")
    comparable = {"protocol": 1} if control else {"protocol": 1, "budget": 1000}
    identity = {"row": row, "seed": seed, "problem": changes.get("problem", "ring")} | changes.pop("identity", {})
    scores = {"fd": RecordedScore(value=fd, direction="lower")} if fd is not None else {}
    scores |= {"modes": RecordedScore(value=modes, direction="higher")} if modes is not None else {}
    facts = {
        "kind": "control" if control else "objective",
        "problem": "ring",
        "row": row,
        "track": None if control else "shared",
        "seed": seed,
        "comparable": comparable,
        "end": End(state=state),
        "scores": scores,
        "protocol": {"modes": {"samples": 2500, "floor": 8.0}},
        "compute": {} if control else {"seconds": 2.0 + seed},
    } | changes
    identity |= {"comparable": facts["comparable"], "track": facts["track"]}
    return Record(key=identity_key(identity), identity=identity, **facts)


HAND_MADE = [
    run("ns", 0, 1.0, 8.0),
    run("ns", 1, 2.0, 8.0),
    run("ns", 2, 3.0, 8.0),
    run("ebgan:margin=2", 0, 0.5, 6.0),
    run("ebgan:margin=2", 1, 1.5, 8.0),
    run("ebgan:margin=2", 2, 9.0, 1.0, state="collapsed"),
    run("minimax", 0, 0.25, absent={"modes": "no truth"}),
    run("wgan", 0, state="diverged"),
    run("wgan", 1, state="critic_won"),
    run("wgan", 2, state="diverged"),
    run("oracle", 0, 0.1, 8.0),
    run("oracle", 1, 0.3, 8.0),
    run("untrained", 0, 50.0, 0.0),
]


def test_every_cell_of_a_hand_made_table():
    """Labels, order, counts, failures, means, intervals and absences are those worked out by hand."""
    (table,) = tables(HAND_MADE)
    assert (table.problem, table.track, table.caption) == ("ring", "shared", "ring · shared track")
    assert [(column.metric, column.direction) for column in table.columns] == [("fd", "lower"), ("modes", "higher")]
    assert table.columns[1].protocol == {"samples": "2500", "floor": "8"}
    found = [
        (row.label, row.control, row.finished, row.runs, row.failures, *(cell.mean.value for cell in row.cells))
        for row in table.rows
    ]
    assert found == [
        ("oracle", True, 2, 2, {}, pytest.approx(0.2), 8.0),
        ("minimax", False, 1, 1, {}, 0.25, None),
        ("ebgan:margin=2", False, 2, 3, {"collapsed": 1}, 1.0, 7.0),
        ("ns", False, 3, 3, {}, 2.0, 8.0),
        ("untrained", True, 1, 1, {}, 50.0, 0.0),
        ("wgan", False, 0, 3, {"diverged": 2, "critic_won": 1}, None, None),
    ]
    half = {row.label: tuple(cell.mean.half_width for cell in row.cells) for row in table.rows}
    close = {"rel": 1e-5, "abs": 1e-12}
    assert half["oracle"] == (pytest.approx(T1 * 0.1, **close), 0.0)  # s = 0.1414, / sqrt 2
    assert half["ebgan:margin=2"] == (pytest.approx(T1 * 0.5, **close), pytest.approx(T1 * 1.0, **close))
    assert half["ns"] == (pytest.approx(T2 / 3**0.5, **close), 0.0)
    assert half["minimax"] == half["untrained"] == half["wgan"] == (None, None)
    minimax = table.row("minimax")
    assert minimax is not None
    assert minimax.cells[1].absent == {"no truth": 1}
    assert table.row("ns").cells[0].values == {0: 1.0, 1: 2.0, 2: 3.0}
    assert table.row("ns").compute["seconds"].value == 3.0


def test_notes_say_what_the_table_does_not_hold():
    """Below the table stand its kind of interval, its failures, controls, seeds, constants and absences."""
    (table,) = tables(HAND_MADE)
    notes = "\n".join(table.notes)
    for part in ("Student-t", "leave out failed", "(control)", "different seeds", "samples 2500, floor 8"):
        assert part in notes
    assert "modes is absent for minimax (1 of 1 runs): no truth." in table.notes


def test_equal_values_are_said_to_tell_nothing_of_their_spread():
    """The note stands where a shown cell has ± 0, and only there."""
    note = "± 0: all runs gave the same value, which is no evidence that the true spread is zero."
    for metrics, said in ((["fd"], False), (["modes"], True), (["fd", "modes"], True)):
        (table,) = tables(HAND_MADE, metrics=metrics)
        assert (note in table.notes) == said == ("± 0 " in markdown([table]).split("- Mean")[0])


def test_tables_are_a_pure_function_of_records():
    """The order of the records, and a record given twice, change nothing."""
    assert tables([*reversed(HAND_MADE), HAND_MADE[0]]) == tables(HAND_MADE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"track": "paper"}, None),
        ({"comparable": {"protocol": 1, "budget": 2000}}, "budget = 2000"),
        ({"comparable": {"protocol": 2, "budget": 1000}}, "protocol = 2"),
        ({"comparable": {"protocol": 1, "budget": 1000, "evaluators": {"fd": "abc"}}}, "evaluators.fd = abc"),
    ],
)
def test_what_is_not_comparable_is_in_another_table(changes, reason):
    """Another track, budget, protocol or fingerprint makes another table, and both say why."""
    found = tables([*HAND_MADE, run("hinge", 0, 1.0, 8.0, **changes)])
    assert len(found) == 2
    assert ["hinge"] in [[row.label for row in table.rows if not row.control] for table in found]
    for table in found:
        assert bool(table.split) == (reason is not None)
    if reason:
        (other,) = [table for table in found if table.row("hinge")]
        assert reason in other.caption
        assert any(reason in note for note in other.notes)


def test_controls_stand_in_every_table_they_match():
    """A control without a budget joins tables of both budgets; one of another protocol joins neither."""
    other_budget = run("ns", 0, 1.0, comparable={"protocol": 1, "budget": 2})
    other_protocol = run("untrained", 7, 9.0, comparable={"protocol": 9})
    found = tables([*HAND_MADE, other_budget, other_protocol])
    with_oracle = [table for table in found if table.row("oracle")]
    assert sorted(table.comparable["budget"] for table in with_oracle) == [2, 1000]
    (alone,) = [table for table in found if not table.row("oracle")]
    assert [row.label for row in alone.rows] == ["untrained"]


def test_controls_of_another_problem_stay_there():
    """A problem's controls are in its tables only, and a table without any says so."""
    found = tables([*HAND_MADE, run("ns", 0, 1.0, problem="grid")])
    assert [table.problem for table in found] == ["grid", "ring"]
    assert [row.label for row in found[0].rows] == ["ns"]
    assert any("No control row" in note for note in found[0].notes)


def test_asked_for_metrics_come_in_the_order_asked():
    """The caller's order, per problem or for all, is the order of the columns and chooses the sort."""
    for asked in (["modes", "fd"], {"ring": ("modes", "fd")}):
        (table,) = tables(HAND_MADE, metrics=asked)
        assert [column.metric for column in table.columns] == ["modes", "fd"]
        assert table.sort == "modes"
        assert [row.label for row in table.rows] == ["ns", "oracle", "ebgan:margin=2", "untrained", "minimax", "wgan"]
    (table,) = tables(HAND_MADE, sort="modes")
    assert ([column.metric for column in table.columns], table.sort) == (["fd", "modes"], "modes")


def test_unknown_metrics_are_a_users_mistake():
    """A metric that no record knows is one sentence."""
    with pytest.raises(UnknownName, match=r"Unknown metric 'mode'\. Did you mean 'modes'"):
        tables(HAND_MADE, metrics=["mode"])
    with pytest.raises(UnknownName, match="Unknown metric 'fid'"):
        tables(HAND_MADE, sort="fid")


def test_one_label_with_two_settings_is_two_rows():
    """A seed that one label has twice tells of two settings; the rows are split and say by what."""
    twice = [run("ns", seed, 1.0 + seed, identity={"threads": threads}) for seed in (0, 1) for threads in (1, 2)]
    (table,) = tables(twice)
    assert [(row.label, row.runs) for row in table.rows] == [("ns (threads=1)", 2), ("ns (threads=2)", 2)]


@pytest.mark.parametrize(
    ("fact", "path"),
    [
        ({"objective": {"class": "MyLoss", "source": "sha256:CODE"}}, "objective.source=sha256:CODE"),
        ({"training": {"beta1": "CODE"}}, "training.beta1=CODE"),
        ({"search": {"seed": "CODE"}}, "search.seed=CODE"),
    ],
    ids=["code", "settings", "search"],
)
def test_runs_of_other_code_or_settings_are_never_averaged(fact, path):
    """Seeds 0 and 1 were run before an edit and 2 and 3 after it: two rows, each naming its own side."""
    edits = [json.loads(json.dumps(fact).replace("CODE", code)) for code in "ab"]
    records = [run("ns", seed, 1.0 + seed, identity=edits[seed // 2]) for seed in range(4)]
    (table,) = tables(records)
    found = {row.label: sorted(row.states) for row in table.rows}
    assert found == {f"ns ({path.replace('CODE', 'a')})": [0, 1], f"ns ({path.replace('CODE', 'b')})": [2, 3]}


def test_arithmetic_splits_a_row_only_where_a_seed_repeats():
    """Runs on other machines are one row, also of each half of a split label; the same seed on two is two rows."""
    threads = [{"arithmetic": {"threads": 1 + seed % 2, "backend": "cpu"}} for seed in range(4)]
    (table,) = tables([run("ns", seed, 1.0, identity=threads[seed]) for seed in range(4)])
    assert [(row.label, row.runs) for row in table.rows] == [("ns", 4)]
    edited = [run("ns", seed, 1.0, identity=threads[seed] | {"source": "ab"[seed // 2]}) for seed in range(4)]
    (table,) = tables(edited)
    assert [(row.label, row.runs) for row in table.rows] == [("ns (source=a)", 2), ("ns (source=b)", 2)]
    (table,) = tables([run("ns", 0, 1.0, identity=one) for one in threads[:2]])
    assert [row.label for row in table.rows] == ["ns (arithmetic.threads=1)", "ns (arithmetic.threads=2)"]


def test_contradicting_directions_rank_nothing():
    """A metric whose records disagree on what is better has no direction, and the table says so."""
    odd = run("hinge", 0, scores={"fd": RecordedScore(value=3.0, direction="higher")})
    (table,) = tables([*HAND_MADE, odd], metrics=["fd"])
    assert table.columns[0].direction == "none"
    assert any("disagree" in note for note in table.notes)


def test_nothing_gives_nothing_and_all_failed_gives_a_table():
    """No records make no table; runs that all failed make one without a metric."""
    assert tables([]) == []
    (table,) = tables([run("ns", seed, state="diverged") for seed in range(3)])
    assert (table.columns, table.sort, table.rows[0].failures) == ((), None, {"diverged": 3})


def test_unequal_constants_are_told_by_row():
    """A control measured with fewer samples is named; a constant that varies within a row is not one."""
    fewer = {"modes": {"samples": 1000, "floor": 8.0}}
    chosen = [{"modes": {"samples": 2500, "floor": 8.0, "sigma": 0.1 + seed}} for seed in (0, 1)]
    records = [run("ns", seed, 1.0, 8.0, protocol=chosen[seed]) for seed in (0, 1)]
    records += [run("oracle", seed, 0.1, 8.0, protocol=fewer) for seed in (0, 1)]
    (table,) = tables(records)
    notes = [note for note in table.notes if "differs between rows" in note]
    assert notes == ["modes: samples differs between rows: 1000 for oracle; 2500 for ns."]
