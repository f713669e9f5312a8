"""The share of the way from untrained to oracle, against values worked out by hand."""

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.leaderboard import as_csv, markdown, rankings, tables
from benchmark.leaderboard.columns import columns_of
from benchmark.leaderboard.share import SCALES
from benchmark.stats import stratified_mean
from benchmark.store import RecordedScore
from evaluators import METRICS
from tests.benchmark.leaderboard_builders import control, run, runs


def board(metric="fd", direction="lower", untrained=(16.0, 4.0), oracle=(0.25, 1.0), **rows):
    """Build the table of a metric with both controls; None is a failed run."""
    records = [one for row, values in rows.items() for one in runs(row.replace("_", "-"), values, direction=direction)]
    for name, values in (("untrained", untrained), ("oracle", oracle)):
        records += [control(name, seed, value, direction=direction) for seed, value in enumerate(values)]
    renamed = [replace(one, scores=dict.fromkeys([metric] * len(one.scores), *one.scores.values())) for one in records]
    (table,) = tables(renamed)
    return table


def shares(table, label):
    """Return a row's shares by seed."""
    return dict(table.row(label).share.values)


def test_distances_are_shared_by_factors():
    """From 8 to 0.5, the geometric means: 2 is halfway, 8 the start, 0.25 beyond the end; a failure has 0."""
    table = board(ns=[2.0, 8.0, 0.25, None, 32.0])
    assert shares(table, "ns") == {0: pytest.approx(0.5), 1: 0.0, 2: pytest.approx(1.25), 3: 0.0, 4: 0.0}
    assert table.row("ns").share.mean.value == pytest.approx(1.75 / 5)
    for name, value in (("untrained", 0.0), ("oracle", 1.0)):
        assert table.row(name).share.mean.value == pytest.approx(value, abs=1e-12)
    assert "on a logarithmic scale" in table.notes[-1]


@pytest.mark.parametrize("metric", ["modes_quarter", "w3", "fdx", "js_modes"])
def test_other_scores_are_shared_evenly(metric):
    """From 1 to 9 by steps: 3 is a quarter of the way, whatever is better."""
    for direction, sign in (("higher", 1), ("lower", -1)):
        table = board(
            metric,
            direction,
            untrained=(sign * 0.0, sign * 2.0),
            oracle=(sign * 9.0,),
            ns=[sign * 3.0, sign * 5.0, None],
        )
        assert shares(table, "ns") == {0: 0.25, 1: 0.5, 2: 0.0}
        assert "on a linear scale" in table.notes[-1]


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_the_scale_that_it_declares(metric):
    """Also on the features of an extractor; a logarithm is taken only of positive values."""
    board_of = {values: board(f"{metric}-digits", ns=list(values)) for values in ((2.0, 2.0), (0.0, 2.0))}
    if METRICS[metric].scale == "none":
        assert all(row.share is None for table in board_of.values() for row in table.rows)
        return
    share = {"logarithmic": 1 / 2, "linear": (10.0 - 2.0) / (10.0 - 0.625)}[METRICS[metric].scale]
    assert shares(board_of[2.0, 2.0], "ns")[0] == pytest.approx(share)
    assert "on a linear scale" in board_of[0.0, 2.0].notes[-1]


def test_no_scale_is_left_over():
    """The tables know no metric that does not exist."""
    assert METRICS.keys() >= SCALES.keys()


def test_no_share_without_a_way():
    """Parzen windows, a missing control, an oracle no better than untrained and a metric without direction."""
    for table in (
        board("parzen", "higher", untrained=(1.0,), oracle=(9.0,), ns=[3.0, 4.0]),
        board(untrained=(), ns=[3.0, 4.0]),
        board(untrained=(1.0,), oracle=(1.0,), ns=[3.0, 4.0]),
        board(untrained=(1.0,), oracle=(2.0,), ns=[3.0, 4.0]),
        board(direction="none", ns=[3.0, 4.0]),
    ):
        assert all(row.share is None for row in table.rows)
        assert "share ↑" not in markdown([table])


def test_a_finished_run_without_the_metric_is_left_out():
    """It says nothing of its way."""
    odd = replace(run("ns", 2, 1.0), scores={"kid": RecordedScore(1.0, direction="lower")}, absent={"fd": "too few"})
    records = [*runs("ns", [2.0, 2.0]), odd, control("untrained", 0, 8.0), control("oracle", 0, 0.5)]
    (table,) = tables(records, ["fd"])
    assert shares(table, "ns") == {0: pytest.approx(0.5), 1: pytest.approx(0.5)}


def test_every_rendering_shows_it():
    """To a hundredth in the tables for people, in full in the CSV, on the line of the metric that it is from."""
    table = board(ns=[2.0, 8.0, 0.25])
    (column,) = [one for one in columns_of(table) if one.kind == "share"]
    entries = dict(zip([row.label for row in table.rows], column.entries, strict=True))
    assert entries["ns"].text == "0.58 ± 1.56"  # 4.30265 * s / sqrt 3, s = 0.6292
    assert entries["untrained"].text == "0.00 ± 3.18"  # -0.25 and 0.25: 12.7062 * 0.25
    lines = {line["row"]: line for line in csv.DictReader(io.StringIO(as_csv([table])))}
    assert float(lines["ns"]["share"]) == pytest.approx(1.75 / 3)


def test_the_overall_share_is_the_plain_mean_over_problems():
    """Two problems of unequal numbers of runs weigh the same, and the interval holds the value."""
    records = []
    for problem, values in (("ring", [2.0, 2.0]), ("grid", [0.5, 0.5, 8.0, None])):
        records += [*runs("ns", values, problem=problem), *runs("hinge", [8.0, 8.0], problem=problem)]
        records += [control("untrained", 0, 8.0, problem=problem), control("oracle", 0, 0.5, problem=problem)]
    (found,) = rankings(tables(records))
    share = found.shares["ns"]
    assert (share.value, share.n) == (pytest.approx((0.5 + 0.5) / 2), 6)
    assert share.interval.low < share.value < share.interval.high
    assert found.shares["hinge"].interval.high == 0.0
    assert found.tables == ("grid · shared track: fd", "ring · shared track: fd")


def test_one_problem_without_a_way_leaves_no_overall_share():
    """A mean over fewer problems than the order would compare unlike things."""
    records = [
        one for problem in ("ring", "grid") for row in ("ns", "a") for one in runs(row, [1.0, 2.0], problem=problem)
    ]
    records += [control("untrained", 0, 8.0), control("oracle", 0, 0.5)]
    (found,) = rankings(tables(records))
    assert {share.value for share in found.shares.values()} == {None}


def test_what_plays_no_game_is_never_ranked():
    """A generator trained without a critic is a control, whatever its records call it, and trains like any row."""
    updates = {"kernel:bandwidth=2": 0, "ns": 500, "mmd": 250}
    records = [*runs("kernel:bandwidth=2", [0.1, 0.2]), *runs("ns", [1.0, 2.0]), *runs("mmd", [1.5, 2.0])]
    (table,) = tables([replace(one, compute={"critic_updates": updates[one.row]}) for one in records])
    assert [(one.label, one.control) for one in table.rows] == [
        ("kernel:bandwidth=2", True),
        ("ns", False),
        ("mmd", False),
    ]
    (found,) = rankings([table])
    assert list(found.ranks) == ["ns", "mmd"]
    assert not found.unranked


STRATA = st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=6), min_size=1, max_size=4)


@given(STRATA)
@settings(max_examples=20, deadline=None)
def test_the_stratified_bootstrap_is_that_of_a_loop(strata):
    """Value and interval against a bootstrap written as loops, within the noise of 2,000 resamples."""
    found = stratified_mean(strata, np.random.default_rng(0))
    assert found.value == pytest.approx(math.fsum(math.fsum(x) / len(x) for x in strata) / len(strata))
    deviation = math.sqrt(sum(np.var(x) / len(x) for x in strata)) / len(strata)
    assert found.interval.low >= np.mean([min(x) for x in strata]) - 1e-12
    assert found.interval.high <= np.mean([max(x) for x in strata]) + 1e-12
    assert found.interval.high - found.interval.low <= 8 * deviation + 1e-12


def test_a_lone_run_shows_no_spread():
    """One run in a stratum leaves no interval, none at all no value."""
    draws = np.random.default_rng(0)
    assert stratified_mean([[0.5], [0.1, 0.2]], draws).interval is None
    assert stratified_mean([[], [0.1, 0.2]], draws).value is None
    assert stratified_mean([], draws).value is None
