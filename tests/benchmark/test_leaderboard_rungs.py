"""The ladder: tables at any rung of the budget, and what has settled."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from benchmark import api
from benchmark.errors import UserError
from benchmark.leaderboard import at_budget, beside, budgets, markdown, tables
from benchmark.leaderboard.ladder import CEILING, Step, calm, order_calm, places, steps
from benchmark.stats import kendall_tau, split_half_tau, tau_interval
from benchmark.store import End, identity_key, read_all, write_record
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.leaderboard_builders import climb, climbs, controls

__all__ = ["type_in"]

# Four rungs of 8,000: 1,000, 2,000, 4,000, 8,000. By logarithms of 16, a factor of 2 is a quarter of the way.
NS = ([8.0, 4.0, 2.0, 2.0], [8.0, 4.0, 2.0, 2.0], [8.0, 4.0, 2.1, 2.0])
RECORDS = [*climbs("ns", *NS), *climbs("wgan", *([None, 8.0, 4.0, 1.0] for _ in range(3)), cost=7), *controls()]


def test_every_rung_is_a_table():
    """At 4,000 each row stands as it did then: value, end state and cost, beside the controls."""
    assert budgets(RECORDS) == [1000, 2000, 4000, 8000]
    (table,) = tables(at_budget(RECORDS, 4000))
    assert {row.label: row.cells[0].values.get(0) for row in table.rows} == {
        "oracle": 0.5,
        "ns": 2.0,
        "wgan": 4.0,
        "untrained": 8.0,
    }
    assert table.comparable == {"gradient_evaluations": 4000}
    assert table.row("ns").compute["gradient_evaluations"].value == pytest.approx(3999)  # 1,333 iterations of 3
    assert table.row("ns").compute["seconds"].value == pytest.approx(4.0, abs=0.01)
    (first,) = tables(at_budget(RECORDS, 1000))
    assert first.row("wgan").failures == {"diverged": 3}
    assert tables(at_budget(RECORDS, 8000)) == tables(RECORDS)


def test_a_rung_is_the_run_of_that_budget():
    """Its key is the shorter run's, so that the two are one; where both are on record the run itself counts."""
    short = climb("ns", 0, [8.0, 4.0, 3.0], budget=4000)
    rung = next(one for one in at_budget(RECORDS, 4000) if one.key == short.key)
    assert rung.scores["fd"].value == 2.0
    (table,) = tables(at_budget([*RECORDS, short], 4000))
    assert table.row("ns").cells[0].values == {0: 3.0, 1: 2.0, 2: 2.1}
    assert table.row("ns").runs == 3


def test_a_short_run_stands_among_longer_ones(type_in, tmp_path):
    """Others come at the budget of one's own runs, whole where they have no rung there, and one's own run counts."""
    own = [*climbs("mine", [3.0], [3.1], budget=4000), climb("ns", 0, [2.9], budget=4000)]
    lone = climbs("lone", [1.0], [1.0])
    (short, long) = tables(beside(own, [*RECORDS, *lone]))
    assert {row.label: row.cells[0].values.get(0) for row in short.rows if not row.control} == {
        "mine": 3.0,
        "ns": 2.9,
        "wgan": 4.0,
    }
    assert [row.label for row in long.rows if not row.control] == ["lone"]
    for record in own:
        write_record(tmp_path / "own", record)
    for record in RECORDS:
        write_record(tmp_path / "others", record)
    words = ("--results", tmp_path / "own", "--with", tmp_path / "others")
    code, out, _ = type_in("leaderboard", *words)
    assert code == 0
    assert "8000" not in out
    assert "paired difference: -0.9500" in type_in("compare", "mine", "wgan", *words)[1]  # 3 - 4 and 3.1 - 4
    frame = api.leaderboard(tmp_path / "own", beside=[tmp_path / "others"]).set_index("row")
    assert frame.loc["wgan", "mean"] == 4.0
    (found,) = api.compare("mine", "wgan", results=tmp_path / "own", beside=tmp_path / "others").found
    assert found.paired.value == pytest.approx(-0.95)


def test_an_unknown_budget_names_those_on_record():
    """One sentence, with every budget that can be shown."""
    with pytest.raises(UserError, match=r"scored at 3,000 .* On record: 1,000, 2,000, 4,000, 8,000\."):
        at_budget(RECORDS, 3000)


def test_a_row_climbs():
    """Shares by rung: a factor of 2 is a quarter of the way, a failure is 0."""
    (table,) = tables(RECORDS)
    found = {row: [(step.budget, step.mean.value) for step in steps(table, table.row(row))] for row in ("ns", "wgan")}
    assert found["wgan"] == [(1000, 0.0), (2000, 0.0), (4000, pytest.approx(0.25)), (8000, pytest.approx(0.75))]
    assert [budget for budget, _ in found["ns"]] == [1000, 2000, 4000, 8000]
    assert [share for _, share in found["ns"]][1] == pytest.approx(0.25)


def settled(*values, direction="lower"):
    """Return whether a row with these values at rungs has settled."""
    (table,) = tables([*climbs("ns", *values, direction=direction), *controls(direction=direction)])
    return calm(table, table.row("ns")).settled


def test_a_row_settles_when_its_share_no_longer_moves():
    """Within ±0.05 of the way and off the floor; a wide interval, a drop, a failure and one seed are no calm."""
    assert settled([8.0, 2.0, 2.0], [8.0, 2.0, 2.01], [8.0, 2.0, 1.99])
    assert not settled([8.0, 4.0, 2.0], [8.0, 4.0, 2.0], [8.0, 4.0, 2.01])  # still rising
    assert not settled([8.0, 2.0, 2.5], [8.0, 2.0, 2.5], [8.0, 2.0, 2.51])  # falling
    assert not settled([8.0, 2.0, 1.0], [8.0, 2.0, 4.0], [8.0, 2.0, 2.0])  # level, but no seed is
    assert not settled([8.0, 8.0, 8.0], [8.0, 8.0, 8.0], [8.0, 8.0, 8.0])  # on the floor
    assert not settled([8.0, 2.0, 2.0], [8.0, 2.0, None], [8.0, 2.0, 2.0])
    assert not settled([8.0, 2.0, 2.0])


def test_the_edge_of_calm_is_that_of_the_interval():
    """Against SciPy's interval of the changes, shifted to either side of 0.05."""
    noise = np.array([0.01, -0.01, 0.02, -0.02])
    bounds = reference.t.interval(0.95, 3, loc=0.0, scale=reference.sem(noise))
    for shift, calm_expected in ((0.05 - bounds[1] - 1e-6, True), (0.05 - bounds[1] + 1e-6, False)):
        shares = [0.5 + change + shift for change in noise]
        values = [[8.0, 2.0, 8.0 / 16**share] for share in shares]
        assert settled(*values) == calm_expected


def test_an_order_is_settled_when_rungs_agree_as_halves_of_the_seeds_do():
    """Rows apart at the last rung and in the same order before are settled; a reversed order is not."""
    apart = [[*climbs(f"row{at}", *([8.0, 6.0 - at, 5.0 - at] for _ in range(4)))] for at in range(4)]
    (table,) = tables([*itertools.chain(*apart), *controls()])
    found = order_calm(table)
    assert (found.tau, found.halves, found.verdict) == (1.0, 1.0, "settled")
    assert any(note.startswith("The order is settled at 8,000 gradient") for note in table.notes)
    turned = [[*climbs(f"row{at}", *([8.0, 2.0 + at, 5.0 - at] for _ in range(4)))] for at in range(4)]
    (table,) = tables([*itertools.chain(*turned), *controls()])
    assert order_calm(table).tau == -1.0
    assert any(note.startswith("The order is not settled at 8,000") for note in table.notes)


def test_nothing_is_said_of_an_order_that_halves_of_the_seeds_do_not_share():
    """Rows that differ by seed alone, and by no more from rung to rung: level, and still not settled."""
    values = np.random.default_rng(0).uniform(1.0, 4.0, size=(6, 4))
    rows = [climbs(f"row{at}", *([8.0, value, value] for value in own)) for at, own in enumerate(values)]
    (table,) = tables([*itertools.chain(*rows), *controls()])
    found = order_calm(table)
    assert found.tau == 1.0
    assert found.halves < CEILING
    assert found.verdict == "too noisy to say"
    (note,) = [note for note in table.notes if note.startswith("The order is too noisy to say whether it is settled")]
    assert f"between halves {found.halves:.2f}; below 0.75 changes hardly show" in note


def simulated(noise, tau=0.65, rows=36, seeds=5):
    """Return tables' taus from rung to rung and between halves where the true order changes by tau."""
    draws, slope, found = np.random.default_rng(0), math.sin(math.pi * tau / 2), []
    for _ in range(150):
        before, other = draws.normal(size=(2, rows))
        runs, others = draws.normal(size=(2, rows, seeds))
        last = slope * before + math.sqrt(1 - slope**2) * other
        scores = last[:, None] + noise * runs
        earlier = before[:, None] + noise * (0.7 * runs + math.sqrt(1 - 0.7**2) * others)
        halves = split_half_tau(scores, np.random.default_rng(0))
        found.append((kendall_tau(earlier.mean(axis=1), scores.mean(axis=1)), halves))
    return np.array(found)


def test_the_ceiling_keeps_changing_orders_from_being_called_settled():
    """Where halves agree to about 0.75 a changed order seldom passes as level; at 0.5 nearly always."""
    quiet, noisy = simulated(noise=0.45), simulated(noise=1.0)
    assert quiet[:, 1].mean() == pytest.approx(CEILING, abs=0.02)
    assert (quiet[:, 0] >= quiet[:, 1]).mean() < 0.08
    assert noisy[:, 1].mean() == pytest.approx(0.5, abs=0.02)
    assert (noisy[:, 0] >= noisy[:, 1]).mean() > 0.8


def test_tables_say_what_has_settled():
    """A column with the change since the rung before; none where records have no rungs."""
    text = markdown(tables(RECORDS))
    assert "| settled |" in text
    assert "| no (+0.50 ± 0.00) |" in text
    assert "settled" not in markdown(tables([replace(one, rungs=()) for one in RECORDS]))


def test_the_command_line_and_python_show_a_rung(type_in, tmp_path):
    """`leaderboard --budget`, `compare --budget` and the API give the numbers of that rung."""
    for record in RECORDS:
        write_record(tmp_path, record)
    code, out, _ = type_in("leaderboard", "--results", tmp_path, "--budget", "4000", "--json", tmp_path / "a.json")
    assert code == 0
    rows = json.loads((tmp_path / "a.json").read_text())["tables"][0]["rows"]
    assert next(row for row in rows if row["label"] == "wgan")["cells"][0]["mean"]["value"] == 4.0
    code, out, _ = type_in("compare", "wgan", "ns", "--results", tmp_path, "--budget", "2000")
    assert code == 0
    assert "paired difference: 4.000" in out
    assert is_one_sentence(*type_in("leaderboard", "--results", tmp_path, "--budget", "3000"))
    frame = api.leaderboard(tmp_path, budget=4000).set_index("row")
    assert (frame.loc["wgan", "mean"], frame.loc["wgan", "share"]) == (4.0, pytest.approx(0.25))
    assert api.compare("wgan", "ns", results=tmp_path, budget=2000).found[0].paired.value == 4.0
    assert len(read_all(tmp_path)[0]) == len(RECORDS)


def test_a_run_that_ended_early_failed_at_each_rung():
    """What diverged stands as diverged in the table of every later budget, its key that of the shorter run."""
    dead = climb("dead", 0, [None, None])
    assert {one.end.state for one in at_budget([dead, *RECORDS], 4000) if one.row == "dead"} == {"diverged"}
    assert dead.end == End("diverged", 2666)
    assert dead.key == identity_key(dead.identity)


SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, math.inf]), min_size=2, max_size=8)


@given(st.data(), SCORES)
@settings(max_examples=60, deadline=None)
def test_tau_is_scipys(data, a):
    """Ties and infinities included; a side of ties has none."""
    b = data.draw(st.lists(st.sampled_from([0.0, 0.5, 2.0]), min_size=len(a), max_size=len(a)))
    with np.errstate(invalid="ignore"):
        expected = reference.kendalltau(a, b).statistic
    found = kendall_tau(a, b)
    assert found is None if math.isnan(expected) else found == pytest.approx(expected)


def test_halves_of_the_seeds_bound_the_agreement():
    """Rows far apart agree fully, noise alone about not at all; three seeds have no halves."""
    draw = np.random.default_rng(0)
    noise = draw.normal(size=(12, 6))
    assert split_half_tau(noise + 100 * np.arange(12)[:, None], draw) == 1.0
    assert abs(split_half_tau(noise, draw)) < 0.5
    assert split_half_tau(noise[:, :3], draw) is None


def test_an_agreement_has_an_interval():
    """It holds the value; four rows are too few for one."""
    draw = np.random.default_rng(0)
    a = np.arange(20.0)
    found = tau_interval(a, a + draw.normal(scale=4, size=20), draw)
    assert found.interval.low < found.value < found.interval.high < 1
    assert tau_interval(a[:4], a[:4], draw).interval is None


def test_the_bootstrap_of_an_agreement_is_that_of_a_loop():
    """The interval against one from SciPy's tau of the same resamples, ties by repetition included."""
    draw = np.random.default_rng(1)
    a, b = draw.normal(size=8).round(1), draw.normal(size=8).round(1)
    found = tau_interval(a, b, np.random.default_rng(2), resamples=200)
    drawn = np.random.default_rng(2).integers(8, size=(200, 8))
    taus = [reference.kendalltau(a[at], b[at]).statistic for at in drawn]
    low, high = np.percentile(taus, [2.5, 97.5])
    assert (found.interval.low, found.interval.high) == (pytest.approx(low), pytest.approx(high))


def test_places_are_among_the_rows_of_a_budget():
    """The largest share comes first at each budget; a row that was not scored there has no place."""
    known = {
        "a": [Step(10, {0: 0.1, 1: 0.3}), Step(20, {0: 0.9})],
        "b": [Step(10, {0: 0.5}), Step(20, {0: 0.2})],
        "c": [Step(20, {0: 0.3})],
    }
    assert places(known) == {"a": {10: 2, 20: 1}, "b": {10: 1, 20: 3}, "c": {20: 2}}


def test_tied_rows_share_their_places():
    """Equal shares have no order, and neither have means that differ in their last bit."""
    known = {
        "d": [Step(10, {0: 0.1, 1: 0.2})],
        "c": [Step(10, {0: 0.15, 1: 0.15})],
        "b": [Step(10, {0: 0.0})],
        "a": [Step(10, {0: 0.9})],
    }
    assert known["d"][0].mean.value != known["c"][0].mean.value
    assert places(known) == {"a": {10: 1}, "c": {10: 2.5}, "d": {10: 2.5}, "b": {10: 4}}


def test_rounding_orders_nothing():
    """A pair whose values differ in their last bit is a tie of tau-b, as exact arithmetic has it."""
    a, b = [0.1 + 0.2, 0.3, 0.7, 0.9], [1.0, 2.0, 3.0, 4.0]
    assert a[0] != a[1]
    assert kendall_tau(a, b) == kendall_tau([0.3, 0.3, 0.7, 0.9], b) == pytest.approx(5 / 30**0.5)
