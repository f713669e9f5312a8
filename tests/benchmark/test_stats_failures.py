"""Tests of failures, against SciPy and against all outcomes counted."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference

from benchmark.stats import FailureTest, fisher_test, holm_of_failures

RUNS = st.integers(1, 8)


@given(st.data())
def test_p_is_scipys(data):
    """For any two rows p is that of SciPy, and the least p is the smallest that their totals allow."""
    runs_a, runs_b = data.draw(RUNS), data.draw(RUNS)
    a, b = data.draw(st.integers(0, runs_a)), data.draw(st.integers(0, runs_b))
    found = fisher_test(a, runs_a, b, runs_b)
    assert found.p == pytest.approx(reference.fisher_exact([[a, runs_a - a], [b, runs_b - b]]).pvalue)
    alike = [
        reference.fisher_exact([[k, runs_a - k], [a + b - k, runs_b - a - b + k]]).pvalue
        for k in range(max(0, a + b - runs_b), min(runs_a, a + b) + 1)
    ]
    assert found.least == pytest.approx(min(alike))


def test_a_wrong_count_is_refused():
    """More failures than runs are a mistake."""
    with pytest.raises(ValueError, match=r"0\.\.3"):
        fisher_test(4, 3, 0, 3)


def test_tests_that_cannot_be_significant_cost_the_others_nothing():
    """Thirty rows without failures leave one that always fails its own p; three such rows share the level."""
    never, always = fisher_test(0, 5, 0, 5), fisher_test(5, 5, 0, 5)
    assert holm_of_failures([always, *[never] * 30])[0] == pytest.approx(2 / 252)
    assert holm_of_failures([always] * 3) == [pytest.approx(6 / 252)] * 3
    assert holm_of_failures([never] * 3) == [None] * 3
    assert holm_of_failures([]) == []


@pytest.mark.parametrize("runs", [3, 5])
def test_no_true_hypothesis_is_rejected_more_often_than_allowed(runs):
    """With all failures alike by chance, any rejection among three rows has at most 5 %: all outcomes, weighed."""
    rate = 0.4
    chances = [math.comb(runs, k) * rate**k * (1 - rate) ** (runs - k) for k in range(runs + 1)]
    wrong = 0.0
    for base, *rows in itertools.product(range(runs + 1), repeat=4):
        found = holm_of_failures([fisher_test(k, runs, base, runs) for k in rows])
        if any(p is not None and p < 0.05 for p in found):
            wrong += math.prod(chances[k] for k in (base, *rows))
    assert wrong <= 0.05


def test_the_family_grows_until_its_level_holds_it():
    """Least p of 0.01, 0.02 and 0.04: at K = 1 three lie within 0.05, at K = 2 two within 0.025, and two they stay."""
    tests = [FailureTest(0.01, 0.01), FailureTest(0.02, 0.02), FailureTest(0.04, 0.04)]
    assert holm_of_failures(tests) == [pytest.approx(0.02), pytest.approx(0.02), None]
