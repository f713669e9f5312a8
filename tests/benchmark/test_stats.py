"""Intervals, shares and differences, each against a printed or an independent value."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference

from benchmark.stats import (
    correlation,
    holm,
    holm_levels,
    mean_interval,
    paired_difference,
    power_of,
    required_seeds,
    welch_difference,
    wilson,
)

samples = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=2, max_size=30)
LEFT = [1.2, 3.4, 2.2, 5.0, 4.1]
RIGHT = [0.2, 2.9, 2.0, 3.1, 2.5, 2.4]


@pytest.mark.parametrize(("n", "quantile"), [(2, 12.7062), (3, 4.30265), (5, 2.77645), (10, 2.26216), (31, 2.04227)])
def test_mean_interval_has_the_printed_quantiles(n, quantile):
    """The half-width is t s / √n, with t from a printed table at n - 1 degrees of freedom."""
    values = [float(number) for number in range(n)]
    mean = mean_interval(values)
    s = math.sqrt(n * (n + 1) / 12)  # of 0 .. n-1
    assert mean.value == pytest.approx((n - 1) / 2)
    assert mean.deviation == pytest.approx(s)
    assert mean.half_width == pytest.approx(quantile * s / math.sqrt(n), rel=1e-5)


@given(samples)
def test_mean_interval_agrees_with_scipy(values):
    """On any sample the interval is SciPy's."""
    mean = mean_interval(values, level=0.9)
    if mean.deviation:
        expected = reference.t.interval(0.9, len(values) - 1, np.mean(values), reference.sem(values))
        assert (mean.interval.low, mean.interval.high) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_degenerate_means_are_defined():
    """No value has no mean, one value no interval, equal values one of zero width, rounding included."""
    assert mean_interval([]) == mean_interval(np.array([]))
    assert (mean_interval([]).n, mean_interval([]).value) == (0, None)
    assert (mean_interval([2.5]).value, mean_interval([2.5]).deviation, mean_interval([2.5]).interval) == (
        2.5,
        None,
        None,
    )
    for x in (0.0, 0.1, -1e300, 1e-300):
        equal = mean_interval([x] * 7)
        assert (equal.value, equal.deviation, equal.interval.low, equal.interval.high) == (x, 0.0, x, x)
    assert mean_interval([0.1 + 0.2, 0.3]).deviation == 0.0


@pytest.mark.parametrize("values", [[1.0, math.nan], [math.inf], np.zeros((2, 2))])
def test_what_is_no_sample_is_refused(values):
    """NaN, infinities and matrices are mistakes of the caller."""
    with pytest.raises(ValueError, match="values must"):
        mean_interval(values)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
def test_a_level_is_a_probability(level):
    """A confidence level outside (0, 1) is refused."""
    with pytest.raises(ValueError, match="level must be in"):
        mean_interval([1.0, 2.0], level)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 5), (1, 5), (5, 5), (3, 10), (50, 100)])
def test_wilson_agrees_with_scipy(successes, n):
    """The interval of a share is that of SciPy's binomial test."""
    expected = reference.binomtest(successes, n).proportion_ci(method="wilson")
    found = wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_at_its_ends():
    """Nothing out of nothing has no interval, and 0 of n starts at exactly 0."""
    assert wilson(0, 0) is None
    assert wilson(0, 5).low == 0.0
    assert wilson(5, 5).high == 1.0
    with pytest.raises(ValueError, match="successes"):
        wilson(6, 5)


@given(st.lists(st.tuples(*[st.integers(-1000, 1000)] * 2), min_size=3, max_size=20))
def test_paired_difference_agrees_with_scipy(pairs):
    """Value, interval and p are those of SciPy's paired test."""
    left, right = ([float(x) for x in side] for side in zip(*pairs, strict=True))
    found = paired_difference(dict(enumerate(left)), dict(enumerate(right)))
    if found.deviation:
        expected = reference.ttest_rel(left, right)
        bounds = expected.confidence_interval()
        assert found.p == pytest.approx(expected.pvalue, abs=1e-9)
        assert (found.interval.low, found.interval.high) == pytest.approx((bounds.low, bounds.high), abs=1e-6)


def test_welch_difference_agrees_with_scipy():
    """Value, interval and p are those of SciPy's test without equal variances."""
    expected = reference.ttest_ind(LEFT, RIGHT, equal_var=False)
    bounds = expected.confidence_interval()
    found = welch_difference(LEFT, RIGHT)
    assert (found.value, found.p) == pytest.approx((np.mean(LEFT) - np.mean(RIGHT), expected.pvalue))
    assert (found.interval.low, found.interval.high) == pytest.approx((bounds.low, bounds.high))
    assert found.deviation == pytest.approx(math.sqrt((np.var(LEFT, ddof=1) + np.var(RIGHT, ddof=1)) / 2))


def test_only_common_seeds_are_paired():
    """Seeds that one row lacks play no part."""
    found = paired_difference({0: 1.0, 1: 2.0, 2: 4.0, 9: 99.0}, {0: 0.0, 1: 2.0, 2: 1.0, 8: -99.0})
    assert (found.n_a, found.n_b) == (3, 3)
    assert found.value == pytest.approx(4 / 3)


def test_degenerate_differences_are_defined():
    """Without seeds there is no value, with one no interval, with constant differences an exact p."""
    assert paired_difference({}, {0: 1.0}).value is None
    one = paired_difference({0: 3.0}, {0: 1.0})
    assert (one.value, one.interval, one.p) == (2.0, None, None)
    shifted = paired_difference({seed: seed / 10 + 0.3 for seed in range(5)}, {seed: seed / 10 for seed in range(5)})
    assert (shifted.deviation, shifted.interval, shifted.p) == (
        0.0,
        None,
        2 / 2**5,
    )  # the sign test: all five of one sign, twice
    same = paired_difference({0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0})
    assert (same.value, same.p) == (0.0, 1.0)
    assert welch_difference([], [1.0]).value is None
    assert (welch_difference([1.0], [2.0, 3.0]).value, welch_difference([1.0], [2.0, 3.0]).p) == (-1.5, None)
    flat = welch_difference([1.0] * 3, [2.0] * 3)
    exact = reference.permutation_test(([1.0] * 3, [2.0] * 3), lambda x, y: np.mean(x) - np.mean(y)).pvalue
    assert (flat.deviation, flat.interval, flat.p) == (0.0, None, pytest.approx(exact))
    # One constant row: t = -1.5 / 0.5 with one degree of freedom, where Student's t is Cauchy's distribution.
    assert welch_difference([1.0, 1.0], [2.0, 3.0]).p == pytest.approx(1 - 2 * math.atan(3) / math.pi)


def test_correlation_agrees_with_scipy_and_knows_its_limits():
    """Pearson's correlation, and none for two pairs or a constant side."""
    assert correlation(LEFT, RIGHT[:5]) == pytest.approx(reference.pearsonr(LEFT, RIGHT[:5]).statistic)
    assert correlation([1.0, 2.0], [3.0, 5.0]) is None
    assert correlation([1.0] * 4, [1.0, 2.0, 3.0, 4.0]) is None


def test_holm_by_hand():
    """The textbook steps: 0.01 × 4, 0.02 × 3, then never below what came before; None is left out."""
    assert holm([0.03, 0.01, None, 0.04, 0.02]) == pytest.approx([0.06, 0.04, None, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.7, 0.9]) == [1.0, 1.0]


def test_holm_levels_by_hand():
    """0.05 over four for the smallest of four, over three, ...; what has no p would be the fifth."""
    assert holm_levels([0.03, 0.01, None, 0.04, 0.02]) == pytest.approx([0.05 / 2, 0.05 / 4, 0.05 / 5, 0.05, 0.05 / 3])
    assert holm_levels([]) == []
    assert holm_levels([None], alpha=0.1) == [0.1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_rejects_what_stays_below_its_levels(p_values):
    """A corrected p is below α exactly where the p and all smaller ones are below their levels."""
    levels = holm_levels(p_values)
    for at, q in enumerate(holm(p_values)):
        smaller = [one for one in range(len(p_values)) if (p_values[one], one) <= (p_values[at], at)]
        ratios = [p_values[one] / levels[one] for one in smaller]
        assert max(ratios) == pytest.approx(q / 0.05) or (q == 1.0 and max(ratios) >= 20)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_lies_between_none_and_bonferroni(p_values):
    """Corrected values keep their order and lie between the raw value and Bonferroni's."""
    corrected = holm(p_values)
    for p, q in zip(p_values, corrected, strict=True):
        assert p <= q <= min(1.0, p * len(p_values)) + 1e-15
    assert sorted(range(len(p_values)), key=lambda at: (p_values[at], at)) == sorted(
        range(len(p_values)), key=lambda at: (corrected[at], p_values[at], at)
    )


@pytest.mark.parametrize(
    ("effect", "paired", "seeds"),
    [(0.5, False, 64), (0.8, False, 26), (1.0, False, 17), (0.5, True, 34), (0.2, True, 199)],
)
def test_required_seeds_are_the_textbooks(effect, paired, seeds):
    """The numbers of Cohen's tables and of G*Power, for 80 % power at 0.05 two-sided."""
    assert required_seeds(effect, paired=paired) == seeds


@pytest.mark.parametrize(
    ("n", "effect", "power"), [(5, 1.0, 0.286), (10, 1.0, 0.562), (5, 2.0, 0.791), (20, 1.0, 0.869)]
)
def test_power_by_simulation(n, effect, power):
    """The power of a two-sample test is what 20,000 simulated experiments give."""
    draw = np.random.default_rng(n).normal(size=(2, 20_000, n))
    shown = reference.ttest_ind(draw[0] + effect, draw[1], axis=1).pvalue < 0.05
    assert power_of(n, effect, paired=False) == pytest.approx(shown.mean(), abs=0.012)
    assert power_of(n, effect, paired=False) == pytest.approx(power, abs=0.002)


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 50])
@pytest.mark.parametrize("effect", [0.1, 1.0, 4.0, 20.0])
@pytest.mark.parametrize("n", [2, 3, 5, 10, 100])
def test_power_by_another_integral(n, effect, alpha):
    """Over the normal part instead of over χ: P(|T| > t) = E[F(ν ((Z + δ) / t)²)], F of χ²; paired, n - 1 degrees."""
    freedom, shift = n - 1, effect * math.sqrt(n)
    z = np.linspace(-9.0, 9.0, 20_001)
    ratio = freedom * ((z + shift) / reference.t.ppf(1 - alpha / 2, freedom)) ** 2
    power = (reference.norm.pdf(z) * reference.chi2.cdf(ratio, freedom)).sum() * (z[1] - z[0])
    assert power_of(n, effect, paired=True, alpha=alpha) == pytest.approx(power, abs=1e-8)


@pytest.mark.parametrize(("effect", "alpha", "seeds"), [(2.5, 0.05 / 30, 8), (5.25, 0.05, 3), (6.0, 0.05 / 10, 4)])
def test_required_seeds_do_not_depend_on_the_release_of_scipy(effect, alpha, seeds):
    """Places where SciPy's non-central t is nan from 1.15 on."""
    assert required_seeds(effect, paired=True, alpha=alpha) == seeds


def test_required_seeds_at_the_ends():
    """No number of seeds shows no effect, two show any large one, and NaN is refused."""
    assert required_seeds(0.0, paired=True) is None
    assert required_seeds(1e6, paired=False) == required_seeds(-1e6, paired=False) == 2
    assert required_seeds(math.inf, paired=True) == 2
    with pytest.raises(ValueError, match="nan"):
        required_seeds(math.nan, paired=True)


def test_welch_does_not_underflow():
    """Deviations whose squares are below what a double holds give the same answer as the same numbers scaled up."""
    tiny = welch_difference([0.0, 1e-100], [0.0, 0.0])
    usual = welch_difference([0.0, 1.0], [0.0, 0.0])
    assert tiny.p == pytest.approx(usual.p)
    assert tiny.interval.high == pytest.approx(1e-100 * usual.interval.high)
