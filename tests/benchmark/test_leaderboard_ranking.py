"""The order over all tables: who is ranked, by which tables, and what is said of the rest."""

import re
from dataclasses import replace

import numpy as np

from benchmark.leaderboard import Column, plain, ranking_markdown, ranking_terminal, rankings
from benchmark.report import page
from benchmark.store import Kept
from tests.benchmark.leaderboard_builders import NS, run, runs, table


def test_overall_ranks_put_failures_last_and_absentees_nowhere():
    """A row that fails is last; a row that is not in every table, or ran once, is not ranked, and that is said."""
    found = rankings(
        [
            table("grid", ns=[5.0, 6.0], good=[1.0, 2.0], fails=[0.0, None, None, None], once=[0.0]),
            table("ring", ns=[5.0, 6.0], good=[1.0, 2.0], fails=[None] * 4, shy=[0.0, 0.0], once=[0.0]),
        ]
    )
    assert list(found[0].ranks) == ["good", "ns", "fails"]
    assert found[0].unranked == {
        "once": "only one run in grid · shared track and in 1 more",
        "shy": "no run with fd in grid · shared track",
    }
    for text in (ranking_terminal(found), ranking_markdown(found)):
        assert "once (only one run in grid · shared track and in 1 more); shy (no run with fd in grid" in " ".join(
            text.split()
        )


def budgeted(problem, budget, **rows):
    """Build a table that states its budget, and is told by it from others."""
    return replace(table(problem, **rows), comparable={"gradient_evaluations": budget}, split=(f"budget = {budget}",))


def test_a_short_run_beside_the_others_does_not_undo_their_order():
    """One table of each problem ranks, that with the most rows of two runs; the others are named with the reason."""
    grid = table("grid", ns=[5.0, 6.0], good=[1.0, 2.0])
    ring = budgeted("ring", 5000, ns=[5.0, 6.0], good=[1.0, 2.0])
    single, both = budgeted("ring", 20, ns=[7.0]), budgeted("ring", 40, ns=[7.0, 7.5], good=[9.0, 9.5])
    lone = budgeted("hard", 20, good=[1.0, 2.0])
    (without,), (found,) = rankings([grid, ring]), rankings([single, both, grid, lone, ring])
    assert (list(found.ranks), found.tables) == (["good", "ns"], (f"{ring.caption}: fd", f"{grid.caption}: fd"))
    assert {row: rank.score for row, rank in found.ranks.items()} == {
        row: rank.score for row, rank in without.ranks.items()
    }
    assert without.left_out == {}
    assert found.left_out == {
        single.caption: "no row with two runs",
        both.caption: f"2 rows with two runs, against 2 in {ring.caption}",
        lone.caption: "one row with two runs",
    }
    for text in (ranking_terminal([found]), ranking_markdown([found])):
        assert "Left out, because only one table per problem is ranked: " in " ".join(text.split())
        assert f"{single.caption} (no row with two runs)" in " ".join(text.split())
        assert "Left out" not in ranking_terminal([without])
    assert plain(found)["left_out"] == found.left_out


def test_the_report_names_the_tables_that_play_no_part(tmp_path):
    """The page's order is that of the full table, and the short run's is named beside it."""
    records = [*runs("a", NS), *runs("ns", NS[::-1]), run("a", 0, 1.0, budget=20)]
    text = page(records, Kept(tmp_path))
    assert "ring · shared track · budget = 20 (no row with two runs)." in text
    assert "No ranking" not in text
    assert "Left out" not in page(records[:-1], Kept(tmp_path))


def test_the_table_with_more_rows_ranks_then_the_larger_budget():
    """A table of three rows goes before a longer one of two; one whose metric has no direction never ranks."""
    three = budgeted("ring", 10, ns=[5.0, 6.0], good=[1.0, 2.0], bad=[8.0, 9.0])
    longer = budgeted("ring", 99, ns=[5.0, 6.0], good=[1.0, 2.0], once=[1.0])
    shorter = budgeted("ring", 9, ns=[5.0, 6.0], good=[1.0, 2.0])
    no_way = replace(budgeted("ring", 999, ns=NS, a=NS, b=NS, c=NS), columns=(Column("fd", "none"),))
    (found,) = rankings([longer, three, no_way])
    assert found.tables == (f"{three.caption}: fd",)
    assert found.left_out == {
        longer.caption: f"2 rows with two runs, against 3 in {three.caption}",
        no_way.caption: "no metric to rank by",
    }
    (found,) = rankings([shorter, longer])
    assert found.tables == (f"{longer.caption}: fd",)


def test_the_order_is_a_function_of_the_tables():
    """Without a generator the draws are always the same; another generator moves intervals, not places."""
    built = [table("ring", ns=[5.0, 6.0, 1.0], good=[1.0, 5.5, 2.0], other=[3.0, 4.0, 9.0])]
    assert rankings(built) == rankings(built)
    (one,), (other,) = rankings(built), rankings(built, np.random.default_rng(5))
    assert {label: rank.place for label, rank in one.ranks.items()} == {
        label: rank.place for label, rank in other.ranks.items()
    }


def test_nothing_to_rank_is_said():
    """One row alone, and tables whose metric has no direction, have no order; controls alone have no track."""
    (alone,) = rankings([table("ring", ns=[5.0, 6.0])])
    assert (dict(alone.ranks), dict(alone.unranked)) == ({}, {"ns": "no table has two rows with two runs"})
    assert "No ranking" in ranking_terminal([alone])
    (no_way,) = rankings([replace(table("ring", ns=NS, a=NS), columns=(Column("fd", "none"),))])
    assert set(no_way.unranked.values()) == {"no table has a metric to rank by"}
    controls = table("ring", oracle=NS)
    assert rankings([replace(controls, rows=tuple(replace(row, control=True) for row in controls.rows))]) == []
    assert ranking_terminal([]) == ranking_markdown([]) == ""


def test_an_order_shows_no_foreign_markup():
    """A hostile name is text in the terminal and in Markdown."""
    hostile = "a|b\x1b[31m<script>"
    found = rankings([table("ring", ns=[5.0, 6.0], **{hostile: [1.0, 2.0]}, **{"=" + hostile: [1.0]})])
    assert "\x1b" not in ranking_terminal(found)
    written = ranking_markdown(found)
    (line,) = [line for line in written.splitlines() if line.startswith("| a")]
    assert len(re.findall(r"(?<!\\)\|", line)) == 8
    assert "<script" not in written
