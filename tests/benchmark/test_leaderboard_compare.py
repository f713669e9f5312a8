"""Verdicts, curves and stale files."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from benchmark.errors import UserError
from benchmark.leaderboard import (
    against_baseline,
    compare,
    comparisons_text,
    median_curve,
    plain,
    side_by_side,
    staleness,
)
from benchmark.leaderboard.differences import difference_lines
from benchmark.stats import required_seeds
from benchmark.store import Curve
from tests.benchmark.leaderboard_builders import NS, run, runs, table


def verdict(a, b=NS, direction="lower"):
    """Return the verdict of values a against values b."""
    (found,) = compare([*runs("a", a, direction=direction), *runs("ns", b, direction=direction)], "a", "ns")
    return found.verdict


@pytest.mark.parametrize(
    ("shift", "lower", "higher", "none"), [(-2, "better", "worse", "different"), (2, "worse", "better", "different")]
)
def test_a_clear_difference_is_named_in_its_direction(shift, lower, higher, none):
    """A significant difference is better or worse as the metric's direction says, and merely different without one."""
    values = [x + shift + noise for x, noise in zip(NS, [0.1, -0.1, 0.2, 0.0, -0.2], strict=True)]
    assert verdict(values).word == lower
    assert verdict(values, direction="higher").word == higher
    assert verdict(values, direction="none").word == none


def test_numbers_behind_a_verdict_are_scipys():
    """Difference, interval, p, correlation and chance are those of independent code."""
    values = [2.5, 4.5, 3.0, 5.0, 5.5]
    (found,) = compare([*runs("a", values), *runs("ns", NS)], "a", "ns")
    expected = reference.ttest_rel(values, NS)
    bounds = expected.confidence_interval()
    assert found.difference is found.paired
    assert found.paired.value == pytest.approx(np.mean(values) - 5.0)
    assert (found.paired.interval.low, found.paired.interval.high) == pytest.approx((bounds.low, bounds.high))
    assert found.p_corrected == pytest.approx(expected.pvalue)
    assert found.paired.correlation == pytest.approx(reference.pearsonr(values, NS).statistic)
    assert found.welch.p == pytest.approx(reference.ttest_ind(values, NS, equal_var=False).pvalue)
    assert found.improvement.value == pytest.approx(reference.mannwhitneyu(NS, values).statistic / 25)


def test_few_seeds_without_a_difference_are_not_enough():
    """Five noisy seeds show and prove nothing: the verdict says how many are needed."""
    found = verdict([3.5, 3.0, 6.5, 5.0, 8.0])
    assert found.word == "not enough seeds"
    assert found.seeds_needed > 5
    assert f"about {found.seeds_needed} seeds would detect one of this size." in found.why


def test_many_seeds_without_a_difference_show_none():
    """With the power to see one standard deviation, nothing seen is no difference shown."""
    draw = np.random.default_rng(0)
    assert verdict(draw.normal(size=40), draw.normal(size=40)).word == "no difference shown"


@pytest.mark.parametrize(
    ("a", "b", "word"),
    [
        ([1.0], [2.0], "not enough seeds"),
        ([None] * 3, [1.0, 2.0, 3.0], "not enough seeds"),  # 2 / C(6, 3) = 0.1
        ([None] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], "worse"),  # 2 / C(10, 5) = 0.008
        ([1.0, 2.0, 3.0, 4.0, 5.0], [None] * 5, "better"),
        ([None] * 9, [1.0] + [None] * 8, "not enough seeds"),
        ([1.0] * 3, [1.0] * 3, "not enough seeds"),
        ([1.0] * 6, [1.0] * 6, "no difference shown"),
        ([1.0] * 5, [2.0] * 5, "not enough seeds"),  # the sign test's 2 / 2**5 = 0.06
        ([1.0] * 6, [2.0] * 6, "better"),  # 2 / 2**6 = 0.03
    ],
)
def test_degenerate_comparisons_have_a_verdict(a, b, word):
    """One run, failed rows and constant rows each have their defined verdict, with a reason."""
    found = verdict(a, b)
    assert found.word == word
    assert found.why.endswith(".")


DRAWN = st.lists(st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.0, 3.5, 7.25])), min_size=2, max_size=6)


@given(st.lists(DRAWN, min_size=1, max_size=5), DRAWN)
@settings(max_examples=100, deadline=None)
def test_no_verdict_names_fewer_seeds_than_there_are(rows, base):
    """Of any runs: the seeds that would do are more than those that did not."""
    built = table("ring", ns=base, **{f"row{at}": values for at, values in enumerate(rows)})
    for found in against_baseline(built):
        needed = found.verdict.seeds_needed
        assert needed is None or needed > min(found.difference.n_a, found.difference.n_b)


def test_the_seeds_that_would_do_are_for_the_level_that_holm_tests_at():
    """Among ten rows five seeds of p = 0.01 are not enough, and four cannot do: it takes the power at 0.05 / 10."""
    gaps = np.array([-1.0, -1.6, -0.6, -1.4, -0.7])
    p = reference.ttest_1samp(gaps, 0.0).pvalue
    assert 0.05 / 10 < p < 0.05
    base = np.array([5.0, 5.1, 5.2, 4.9, 5.05])
    others = {f"row{at}": list(base + np.roll(gaps + 1, at)) for at in range(9)}
    found = against_baseline(table("ring", ns=list(base), a=list(base + gaps), **others))[0]
    assert (found.verdict.word, found.p_corrected) == ("not enough seeds", pytest.approx(10 * p))
    effect = gaps.mean() / gaps.std(ddof=1)
    assert required_seeds(effect, paired=True) <= 5
    assert found.verdict.seeds_needed == required_seeds(effect, paired=True, alpha=0.005) > 5


@pytest.mark.parametrize(
    ("tables", "paired", "fewest"),
    [(1, True, 6), (2, True, 7), (7, True, 9), (1, False, 4), (2, False, 5), (7, False, 6)],
)
def test_constant_rows_need_what_their_exact_test_needs_at_holms_level(tables, paired, fewest):
    """2^(1 - n), or 2 / C(2n, n), is below 0.05 over the number of comparisons: 2^-5 < 0.05, 2^-8 < 0.05 / 7."""
    shift = 0 if paired else 50  # other seeds pair with none
    records = [run("a", seed, 1.0, problem=f"p{at}") for at in range(tables) for seed in range(2 + paired)]
    records += [run("ns", seed + shift, 2.0, problem=f"p{at}") for at in range(tables) for seed in range(2 + paired)]
    found = compare(records, "a", "ns")
    assert found[0].difference.kind == ("paired" if paired else "Welch")
    assert found[0].verdict.seeds_needed == fewest


def test_survivors_do_not_make_a_row_better():
    """Three of ten runs finish clearly better than ten of ten: the means differ, and most runs of the row lose."""
    survivors = [1.0, 1.1, 0.9] + [None] * 7
    base = [2.0, 2.12, 1.95, 2.1, 1.9, 2.05, 2.0, 2.1, 1.95, 2.03]
    for direction, word in (("lower", "better"), ("higher", "worse")):
        found = verdict(survivors, base, direction)
        if direction == "lower":
            assert found.word == "different"
            assert re.fullmatch(
                r"a scores better in the runs that finish, but fails in 7 of 10 runs, ns in 0 of 10 \(p = 0\.0031\)\.",
                found.why,
            )
        else:
            assert found.word == word
    assert verdict(base, survivors).word == "different"
    assert verdict([1.0, 1.1, 0.9, 1.05], base[:4]).word == "better"


def test_failures_are_a_family_of_their_own():
    """All four runs failed against none, p = 2 / C(8, 4) = 0.029: worse, beside any number of rows that never fail."""
    others = {f"row{at}": [3.1, 3.8, 5.2, 5.9] for at in range(9)}
    for rows in ({}, others):
        found, *_ = against_baseline(table("ring", ns=NS[:4], a=[None] * 4, **rows))
        assert (found.verdict.word, found.p_corrected) == ("worse", None)
        assert found.p_failures == found.failures.p == pytest.approx(2 / 70)
        assert found.verdict.why == "a fails in 4 of 4 runs, ns in 0 of 4 (p = 0.029)."
    (line,) = [line for line in difference_lines(table("ring", ns=NS[:4], a=[None] * 4)) if line[0] == "a"]
    assert line[1:4] == ("–", "Fisher, n=4,4", "0.029")
    (found,) = compare([*runs("a", [None] * 4), *runs("ns", NS[:4])], "a", "ns")
    assert "The verdict is from Fisher's exact test of the failures" in comparisons_text([found])


def test_rows_that_fail_often_are_corrected_for_their_number():
    """Two rows without a finished run share the level: 2 * 2 / 70 = 0.057 is not enough where 2 * 2 / 252 is."""
    few = against_baseline(table("ring", ns=NS[:4], a=[None] * 4, b=[None] * 4))
    assert [(one.verdict.word, one.p_failures) for one in few] == [("not enough seeds", None)] * 2
    more = against_baseline(table("ring", ns=NS, a=[None] * 5, b=[None] * 5))
    assert [one.verdict.word for one in more] == ["worse"] * 2
    assert [one.p_failures for one in more] == [pytest.approx(4 / 252)] * 2


@given(st.lists(DRAWN, min_size=1, max_size=5), DRAWN)
@settings(max_examples=100, deadline=None)
def test_every_verdict_is_one_plain_sentence(rows, base):
    """Of any runs: one sentence, which begins with a capital, a number or a row's name and has one full stop."""
    for found in against_baseline(table("ring", ns=base, **{f"row{at}": own for at, own in enumerate(rows)})):
        why = found.verdict.why
        assert why.endswith(".")
        assert ". " not in why
        assert why[0].isupper() or why[0].isdigit() or why.startswith(("row", "ns "))


def test_holm_counts_the_tables_compared():
    """Two problems compared together have their p-values corrected together."""
    values = [[2.0, 3.1, 4.2, 4.7, 6.1], [2.5, 4.5, 3.0, 5.0, 5.5]]
    records = [record for problem, own in zip("xy", values, strict=True) for record in runs("a", own, problem=problem)]
    records += [record for problem in "xy" for record in runs("ns", NS, problem=problem)]
    found = compare(records, "a", "ns")
    small, large = sorted(one.paired.p for one in found)
    assert sorted(one.p_corrected for one in found) == pytest.approx([2 * small, max(2 * small, large)])


def test_rows_that_meet_nowhere_cannot_be_compared():
    """Rows of different budgets, a row with itself, and unknown rows are a user's mistake."""
    records = [*runs("a", NS), *runs("ns", NS, budget=2)]
    with pytest.raises(UserError, match="No table holds both 'a' and 'ns'"):
        compare(records, "a", "ns")
    with pytest.raises(UserError, match="no run finished"):
        compare([*runs("a", [None] * 3), *runs("ns", [None] * 3)], "a", "ns")
    with pytest.raises(UserError, match="with itself"):
        compare(records, "a", "A")
    with pytest.raises(UserError, match=r"Unknown row 'nss'\. Did you mean 'ns'"):
        compare(records, "a", "nss")


def test_against_baseline_leaves_out_the_baseline():
    """Every other objective is compared; a table without the baseline compares nothing."""
    found = against_baseline(table("ring", ns=NS, a=NS[::-1], b=[None] * 5))
    assert [one.a.label for one in found] == ["a", "b"]
    assert against_baseline(table("ring", a=NS)) == []


def test_comparisons_read_as_text_and_as_json():
    """The text holds verdict, both differences, chance and failures; the JSON is strict."""
    found = compare([*runs("a\x1b[31m", [1.0, None, 3.0]), *runs("ns", NS)], "a\x1b[31m", "ns")
    text = comparisons_text(found)
    assert "\x1b" not in text
    for part in (
        "ring · shared track, fd: a\\x1b[31m against ns: not enough seeds",
        "paired difference",
        "Welch",
        "P(a",
        "failed 1 of 3",
    ):
        assert part in text
    assert json.loads(json.dumps(plain(found), allow_nan=False))[0]["verdict"]["word"] == "not enough seeds"


def curve(*values):
    """Build a curve with one value at each iteration."""
    return Curve(tuple({"iteration": 10 * at, "loss": value} for at, value in enumerate(values)), 0)


def test_median_curves_take_what_is_there():
    """Each iteration has the median and range of the runs that were measured there; null and NaN are no values."""
    points = median_curve([curve(1.0, 2.0, 9.0), curve(3.0, None), curve(5.0, math.nan)], "loss")
    assert [(p.iteration, p.n, p.middle, p.low, p.high) for p in points] == [
        (0, 3, 3.0, 1.0, 5.0),
        (10, 1, 2.0, 2.0, 2.0),
        (20, 1, 9.0, 9.0, 9.0),
    ]


def test_curves_stand_side_by_side():
    """The text shows the first and last shared iteration of both rows, and says when none is shared."""
    text = side_by_side({"ns": [curve(*map(float, range(100)))], "a": [curve(*map(float, range(90)))]}, "loss", lines=3)
    assert [line.split()[0] for line in text.splitlines()[2:]] == ["0", "440", "890"]
    assert "no iteration" in side_by_side({"ns": [curve(1.0)], "a": []}, "loss")
    flat = {row: [curve(0.0, 0.0), curve(0.0, 0.0)] for row in ("ns", "a")}
    assert side_by_side(flat, "loss") == "loss: 0.000 in every run at every iteration.\n"


def test_a_stale_file_is_told_from_a_current_one(tmp_path):
    """Equal text is current whatever its line endings; the first line that differs, or a missing file, is named."""
    path = tmp_path / "ring.md"
    assert "does not exist" in staleness(path, "a\n")
    path.write_bytes(b"a\r\nb\r\n")
    assert staleness(path, "a\nb\n") is None
    assert staleness(path, "a\nc\n").endswith("is stale: line 2 is 'b', and would be 'c'.")
    assert staleness(path, "a\n").endswith("line 2 is 'b', and would be missing.")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="Cannot read"):
        staleness(path, "a\n")


@pytest.mark.parametrize(
    ("old", "new", "current"),
    [
        ("ns,7.0,0.000300736957532", "ns,6.999999999999999,0.000300736957574", True),
        ("ns,0.300736957", "ns,0.300736958", False),
        ("ns,7.5", "lsgan,7.5", False),
        ("ns,7.5", "ns,-7.5", False),
        ("5 seeds", "6 seeds", False),
        ("ns,7.5,", "ns,7.5,7.5", False),
    ],
)
def test_the_last_digits_of_a_number_make_no_file_stale(tmp_path, old, new, current):
    """Other releases and machines round otherwise beyond the ninth digit; whatever else differs counts."""
    (tmp_path / "table.csv").write_text(old)
    assert (staleness(tmp_path / "table.csv", new) is None) == current
