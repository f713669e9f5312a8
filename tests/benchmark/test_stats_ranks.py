"""Aggregates, chances and ranks over runs that may fail."""

import math
import time
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference

from benchmark.stats import (
    as_losses,
    interquartile,
    iqm,
    iqm_weights,
    probability_of_improvement,
    rank_distribution,
    wilson,
)
from benchmark.stats.ranks import closest_observation

losses = st.lists(st.one_of(st.integers(-5, 5).map(float), st.just(math.inf)), min_size=1, max_size=8)


def generator(seed=0):
    """Return the one source of chance of a test."""
    return np.random.default_rng(seed)


def test_failed_runs_are_the_worst_either_way():
    """Losses turn a score that should be high, and put a failed run last."""
    assert as_losses([1.0, None, 3.0], "higher") == [-1.0, math.inf, -3.0]
    assert as_losses([1.0, None, 3.0], "lower") == [1.0, math.inf, 3.0]
    with pytest.raises(ValueError, match="NaN"):
        as_losses([math.nan], "lower")


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40))
def test_iqm_agrees_with_scipy(values):
    """The interquartile mean is SciPy's trimmed mean at a quarter."""
    assert iqm(values) == pytest.approx(reference.trim_mean(values, 0.25), abs=1e-9)


def test_iqm_by_hand():
    """Of eight values the middle four count; of nothing there is none."""
    assert iqm([100.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, -100.0]) == 3.5
    assert iqm([]) is None


@pytest.mark.parametrize("n", [5, 6, 8, 11])
def test_its_weights_are_those_of_resampled_means(n):
    """Each resample's weights times the sorted values are SciPy's trimmed mean of the values drawn."""
    x = np.sort(generator(4).normal(size=n))
    drawn = x[generator(7).integers(n, size=(50, n))]
    assert iqm_weights(n, generator(7), resamples=50) @ x == pytest.approx(reference.trim_mean(drawn, 0.25, axis=1))


def test_its_interval_is_near_scipys_bootstrap():
    """The percentile bounds of a skewed sample are those of SciPy's bootstrap within the noise of both."""
    x = np.exp(generator(5).normal(size=12)).tolist()
    found = interquartile(x, iqm_weights(12, generator(6), resamples=20_000)).interval
    trimmed = partial(reference.trim_mean, proportiontocut=0.25)
    drawn = reference.bootstrap((x,), trimmed, n_resamples=20_000, method="percentile", random_state=generator(8))
    bounds = drawn.confidence_interval
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high), abs=0.04)


def test_degenerate_aggregates_are_defined():
    """No runs have no value; fewer than five, and equal ones, have no interval."""
    assert interquartile([], iqm_weights(5, generator())).value is None
    four = interquartile([1.0, 2.0, 4.0, 90.0], np.empty((0, 4)))
    assert (four.n, four.value, four.interval) == (4, 3.0, None)
    assert interquartile([2.0] * 9, iqm_weights(9, generator())).interval is None


@given(losses, losses)
def test_probability_of_improvement_is_mann_whitneys(a, b):
    """θ is U / mn, failures and ties included, lies in its interval, and turns with the rows."""
    found = probability_of_improvement(a, b)
    ranks = [-x if math.isfinite(x) else -1e9 for x in a], [-x if math.isfinite(x) else -1e9 for x in b]
    u = reference.mannwhitneyu(*ranks, method="asymptotic").statistic if len(set(ranks[0] + ranks[1])) > 1 else None
    assert found.value == pytest.approx(0.5 if u is None else u / (len(a) * len(b)))
    assert 0.0 <= found.interval.low <= found.value <= found.interval.high <= 1.0
    turned = probability_of_improvement(b, a)
    assert (turned.interval.low, turned.interval.high) == pytest.approx(
        (1 - found.interval.high, 1 - found.interval.low)
    )


def test_its_interval_is_wilsons_for_one_pair():
    """With one run each the score interval of θ is that of one coin."""
    found = probability_of_improvement([0.0], [1.0]).interval
    assert (found.low, found.high) == pytest.approx((wilson(1, 1).low, 1.0))


@pytest.mark.parametrize(("a", "b"), [([1, 3, 5], [2, 4, 6, 7]), ([1, 2], [9, 8, 7]), ([5, 5, 5], [5, 4])])
def test_the_bounds_of_its_interval_solve_their_equation(a, b):
    """At either bound the squared distance from θ is z² times Newcombe's variance, written out anew."""
    found = probability_of_improvement(a, b)
    for bound in (found.interval.low, found.interval.high):
        if 0.0 < bound < 1.0 - 1e-9:
            middle = (len(a) + len(b)) / 2 - 1
            factor = 1 + middle * ((1 - bound) / (2 - bound) + bound / (1 + bound))
            variance = bound * (1 - bound) * factor / (len(a) * len(b))
            assert (found.value - bound) ** 2 == pytest.approx(1.959963985**2 * variance, rel=1e-6)


def test_its_interval_covers():
    """Over simulated experiments of five seeds the interval holds the truth at least nine times in ten."""
    draw = generator(2)
    truth = reference.norm.cdf(1 / math.sqrt(2))  # P(N(0,1) < N(1,1))
    held = 0
    for _ in range(500):
        found = probability_of_improvement(list(draw.normal(size=5)), list(draw.normal(1.0, size=5))).interval
        held += found.low <= truth <= found.high
    assert held / 500 >= 0.9


def test_no_runs_no_probability():
    """Without runs on one side there is nothing to say."""
    assert probability_of_improvement([], [1.0]).value is None


def test_ranks_of_clearly_separate_rows_are_certain():
    """Rows that never overlap keep their places in every resample; the failed row is last."""
    table = {
        "good": {"ring": [1.0, 1.1, 1.2], "grid": [5.0, 5.1]},
        "bad": {"ring": [2.0, 2.1, 2.2], "grid": [6.0, 6.1]},
        "failed": {"ring": [math.inf] * 3, "grid": [math.inf] * 2},
    }
    found = rank_distribution(table, generator(), resamples=200)
    assert [found[row].place for row in table] == [1.0, 2.0, 3.0]
    assert [(found[row].interval.low, found[row].interval.high) for row in table] == [(1, 1), (2, 2), (3, 3)]
    assert [found[row].chances for row in table] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    # Against itself a row wins one half: (1/2 + 1 + 1) / 3, (0 + 1/2 + 1) / 3, (0 + 0 + 1/2) / 3.
    assert [found[row].score for row in table] == pytest.approx([5 / 6, 1 / 2, 1 / 6])


def test_ranks_of_equal_rows_are_open():
    """Rows of one distribution have intervals that span the table and chances near one third."""
    draw = generator(3)
    table = {name: {"ring": list(draw.normal(size=200))} for name in "abc"}
    table |= {"a": {"ring": table["b"]["ring"][::-1]}, "c": {"ring": table["b"]["ring"]}}
    found = rank_distribution(table, draw)
    for row in found.values():
        assert (row.place, row.interval.low, row.interval.high) == (2.0, 1.0, 3.0)
        assert row.chances[0] == pytest.approx(1 / 3, abs=0.05)


@given(st.lists(st.tuples(losses, losses), min_size=1, max_size=5))
def test_scores_and_places_are_those_of_all_pairs(rows):
    """Each score is the mean chance to beat a row, over rows and problems; places are SciPy's ranks, ties shared."""
    table = {f"row{at}": {"ring": ring, "grid": grid} for at, (ring, grid) in enumerate(rows)}
    found = rank_distribution(table, generator(), resamples=20)
    scores = [
        np.mean(
            [
                probability_of_improvement(own[problem], other[problem]).value
                for problem in own
                for other in table.values()
            ]
        )
        for own in table.values()
    ]
    assert [rank.score for rank in found.values()] == pytest.approx(scores, abs=1e-12)
    assert [rank.place for rank in found.values()] == list(reference.rankdata(-np.round(scores, 9)))
    for rank in found.values():
        assert rank.interval.low <= rank.interval.high
        assert sum(rank.chances) == pytest.approx(1.0)


def test_a_thousand_rows_are_ranked_quickly():
    """The work grows with the runs, not with their pairs: 10,000 runs in one table under 3 s of processor time."""
    table = {f"row{at}": {"ring": list(generator(at).normal(size=10))} for at in range(1000)}
    start = time.process_time()
    assert len(rank_distribution(table, generator(), resamples=500)) == 1000
    assert time.process_time() - start < 3.0


def test_only_common_problems_rank():
    """A problem that one row never ran plays no part; without a common one there are no ranks."""
    table = {"a": {"ring": [1.0], "grid": [9.0]}, "b": {"ring": [2.0]}}
    assert rank_distribution(table, generator())["a"].place == 1.0
    assert rank_distribution({"a": {"ring": [1.0]}, "b": {"grid": [1.0]}}, generator()) == {}
    assert rank_distribution({}, generator()) == {}


def test_draws_come_from_the_callers_generator_alone():
    """The same generator state gives the same ranks, bit by bit."""
    table = {name: {"ring": list(generator(at).normal(size=6))} for at, name in enumerate("abcd")}
    assert rank_distribution(table, generator(5)) == rank_distribution(table, generator(5))


@pytest.mark.parametrize(("n", "low", "high"), [(2000, 50, 1950), (500, 13, 488), (200, 5, 195), (1, 1, 1)])
def test_the_closest_observation(n, low, high):
    """At 2.5 and 97.5 % of n values: the one closest to n p (Hyndman & Fan, 1996, definition 3)."""
    values = generator().permutation(np.arange(1.0, n + 1.0))
    assert closest_observation(values, (1 - 0.95) / 2) == low
    assert closest_observation(values, (1 + 0.95) / 2) == high
