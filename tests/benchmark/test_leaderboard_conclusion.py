"""What tables show in words, how far problems agree, and the front of quality against cost: by hand."""

import json
from dataclasses import replace

import pytest
from scipy import stats as reference

from benchmark.errors import UserError
from benchmark.leaderboard import rankings, read_costs, tables, with_costs
from benchmark.leaderboard.agreement import agreement_sentence, agreements
from benchmark.leaderboard.conclusion import conclusion, questions
from benchmark.leaderboard.cost import COSTS, MEASURED, seconds_of
from benchmark.leaderboard.front import front
from tests.benchmark.leaderboard_builders import climbs, controls, runs

SEEDS = [0.0, 0.01, 0.02, 0.03, 0.04]


def records(problem, **rows):
    """Build five runs of each row, near its value; None is a row that always fails."""
    made = [*controls(problem)]
    for row, value in rows.items():
        made += runs(row, [None if value is None else value * (1 + seed) for seed in SEEDS], problem=problem)
    return made


def said(made):
    """Return the sentences on the only track."""
    built = tables(made)
    (ranking,) = rankings(built)
    return conclusion(built, ranking)


def test_a_clear_order_is_told_as_one():
    """The leader, its share beside the baseline's, the verdicts and the failures."""
    found = said([*records("ring", a=1.0, ns=2.0, b=4.0, c=None), *records("grid", a=1.0, ns=2.0, b=4.0, c=4.0)])
    assert found == [
        "By wins, a is first among 4 objectives over 2 problems (5 seeds); "
        "no other 95 % interval includes first place.",
        "a has the largest mean share (0 % untrained, 100 % oracle), 74 % (95 % interval 74 to 75); "
        "ns has 49 % (95 % interval 49 to 50).",
        "a has the largest mean share on every problem.",
        "Significantly different from ns after correction: 1 better and 2 worse on grid; 1 better and 2 worse on ring. "
        "The others cannot be distinguished from it.",
        "5 of 40 runs failed; on at least one problem no run of c finished.",
    ]


def test_a_row_that_is_better_and_fails_more_is_counted_as_different():
    """It is significantly different from the baseline, so it is not among those that cannot be distinguished."""
    made = [*controls("ring"), *runs("ns", [2.0 + seed / 100 for seed in range(10)])]
    made += runs("risky", [1.0, 1.02, 1.01, *[None] * 7])
    assert any("0 better, 0 worse and 1 different on ring." in sentence for sentence in said(made))


def test_rivals_and_unlike_problems_are_named():
    """Rows whose interval includes first place, and the leader of each problem."""
    found = said([*records("ring", a=1.0, b=1.01, ns=2.0), *records("grid", a=1.01, b=1.0, ns=2.0)])
    shared = "By wins, a and b share first place among 3 objectives over 2 problems (5 seeds)"
    assert found[0] == f"{shared}; no other 95 % interval includes first place."
    assert "No objective leads everywhere: b has the largest mean share on grid and a on ring." in found
    assert "All 30 runs finished." in found


def test_rows_that_tie_for_the_largest_share_are_all_named():
    """On one problem two rows are as good as any, and one of them leads on the other too."""
    found = said([*records("ring", a=1.0, b=1.0, ns=2.0), *records("grid", a=1.0, b=1.5, ns=2.0)])
    assert "a has the largest mean share on grid and a and b on ring." in found


def test_a_ladder_says_whether_orders_have_settled():
    """Settled where rungs agree as halves of the seeds do, not where the order turned round."""
    made = []
    for problem, sign in (("ring", 1), ("grid", -1)):
        made += controls(problem)
        for at in range(4):
            before = 4.0 - sign * at / 2
            made += climbs(f"row{at}", *([8.0, before, 3.0 - at / 2] for _ in range(4)), problem=problem)
    leader = "By wins, row3 is first among 4 objectives over 2 problems (8,000 gradient evaluations, 4 seeds)"
    assert said(made)[0].startswith(leader)
    assert said(made)[-1] == "At 8,000 gradient evaluations the order is settled on ring and not settled on grid."


def test_no_order_has_no_conclusion():
    """One row alone concludes nothing."""
    assert said(records("ring", ns=1.0)) == []


def test_the_agreement_is_scipys_tau():
    """Between the mean shares of the rows that both tables have; four rows are too few."""
    rows = {"a": 1.0, "b": 1.5, "c": 2.0, "d": 3.0, "e": 4.0, "f": 5.0}
    other = {"a": 1.2, "b": 3.1, "c": 1.9, "d": 2.5, "e": 5.0, "g": 1.0, "f": 4.5}
    (found,) = agreements(tables([*records("ring", **rows), *records("grid", **other)]))
    names = sorted(rows)
    expected = reference.kendalltau([rows[name] for name in names], [other[name] for name in names]).statistic
    assert found.tau.value == pytest.approx(expected)
    assert found.tau.n == 6
    few = dict(list(rows.items())[:4])
    assert agreements(tables([*records("ring", **few), *records("grid", **few)])) == []


def test_the_agreement_is_told_by_its_ends():
    """The pair that agrees most and the one that agrees least."""
    rows = {"a": 1.0, "b": 1.5, "c": 2.0, "d": 3.0, "e": 4.0}
    turned = dict(zip(rows, reversed(rows.values()), strict=True))
    found = tables([*records("ring", **rows), *records("grid", **rows), *records("digits", **turned)])
    sentence = agreement_sentence(found)
    assert sentence.startswith("The orders of grid and ring agree most (Kendall's tau 1.00")
    assert "those of digits and grid least (-1.00" in sentence
    assert agreement_sentence(found[:1]) is None


def test_the_front_holds_what_nothing_beats():
    """The quick and poor, the slow and good; not what is slower and no better, nor a control."""
    cost = {"poor": 1.0, "fair": 2.0, "slow-fair": 3.0, "good": 4.0}
    made = records("ring", **{"poor": 4.0, "fair": 2.0, "slow-fair": 2.5, "good": 1.0})
    made = [replace(one, compute={"seconds": cost[one.row]}) if one.row in cost else one for one in made]
    alone = [replace(one, compute={"seconds": 0.5, "critic_updates": 0}) for one in runs("alone", [0.6, 0.6, 0.6])]
    (table,) = tables([*made, *alone])
    assert front(table) == ["poor", "fair", "good"]
    alike = {"poor": 3.85, "fair": 3.9, "slow-fair": 3.95, "good": 4.0}  # within 5 %: the best of them
    (close,) = tables([replace(one, compute={"seconds": alike[one.row]}) if one.row in alike else one for one in made])
    assert front(close) == ["good"]
    (bare,) = tables([replace(one, compute={}) for one in made])
    assert front(bare) == []


def test_measured_costs_stand_in_for_the_records_seconds(tmp_path):
    """Where every objective of a table was measured on its track and network: milliseconds times the budget."""
    spent = {"seconds": 9.0, "gradient_evaluations": 2000}
    made = [replace(one, compute=spent) if one.kind == "objective" else one for one in records("ring", a=1.0, ns=2.0)]
    made = [replace(one, comparable={**one.comparable, "network": "mlp"}) for one in made]
    (table,) = tables(made)
    measured = {name: {"milliseconds": ms, "smallest": ms, "largest": ms} for name, ms in (("a", 2.0), ("ns", 0.5))}
    known = {"track": "shared", "problems": {"ring": {"network": "mlp", "rows": measured}}}
    assert read_costs(tmp_path) is None

    def costs(facts):
        (tmp_path / COSTS).write_text(json.dumps(facts))
        (found,) = with_costs([table], read_costs(tmp_path))
        return found

    found = costs(known)
    assert [seconds_of(found, found.row(name)) for name in ("a", "ns")] == [4.0, 1.0]
    assert front(found) == ["ns", "a"]
    *_, (_, answer) = questions([found], rankings([found])[0])
    cost = "A run of the best objective of each problem takes 4 s on ring (a); ns takes 1 s on ring."
    beaten = "Those that no other beats in both quality and time are ns and a on ring."
    assert answer == f"{cost} These are {MEASURED}. {beaten}"
    for other in (
        {**known, "track": "paper"},
        {**known, "problems": {}},
        {**known, "problems": {"ring": {"network": "conv", "rows": measured}}},
        {**known, "problems": {"ring": {"network": "mlp", "rows": {"ns": measured["ns"]}}}},
    ):
        assert seconds_of(costs(other), table.row("a")) == 9.0
    (tmp_path / COSTS).write_text("{}")
    with pytest.raises(UserError, match=r"Cannot read the costs in .*cost\.json"):
        read_costs(tmp_path)


def test_a_practitioners_questions_are_answered():
    """Which, how sure, and at what cost: the seconds of the best row of each problem beside the baseline's."""
    cost = {"a": 30.0, "ns": 4.0, "b": 5.0, "c": 6.0, "d": 7.0}
    made = records("ring", a=1.0, ns=2.0, b=4.0, c=3.0, d=3.5) + records("grid", a=1.0, ns=1.5, b=4.0, c=3.0, d=3.5)
    built = tables([replace(one, compute={"seconds": cost[one.row]}) if one.row in cost else one for one in made])
    (which, first), (sure, second), (price, third) = questions(built, rankings(built)[0])
    assert (which, sure, price) == ("Which objective?", "How sure is that?", "What does it cost?")
    assert first.startswith("By wins, a is first among 5 objectives")
    assert first.endswith("a has the largest mean share on every problem.")
    assert "Kendall's tau between the orders of grid and ring is 1.00" in second
    assert third == (
        "A run of the best objective of each problem takes 30 s on grid (a) and 30 s on ring (a); ns takes 4 s on grid "
        "and 4 s on ring. Those that no other beats in both quality and time are ns and a on grid; ns and a on ring."
    )
    assert questions(built[:0], rankings(built)[0]) == []
