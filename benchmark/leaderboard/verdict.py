"""The verdict of a comparison: a word, and a sentence with the reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import Literal

from benchmark.stats import Difference, power_of, required_seeds
from benchmark.store import Direction

ALPHA = 0.05
POWER = 0.8
MOST_WORTH_NAMING = 10_000  # seeds; nobody runs more

Word = Literal["better", "worse", "different", "no difference shown", "not enough seeds"]
Counted = tuple[str, int, int]  # label, runs, failed runs


@dataclass(frozen=True)
class Verdict:
    """The word of a comparison of a with b, and a sentence with the reason."""

    word: Word
    why: str
    seeds_needed: int | None = None  # per row, to detect a difference as large as the observed one


@dataclass(frozen=True)
class Evidence:
    """The evidence for a verdict on a against b; p-values are corrected, `level` is Holm's for the uncorrected p."""

    a: Counted
    b: Counted
    direction: Direction
    difference: Difference  # of the scores of finished runs
    deviation: float | None  # of one row's runs
    beats: float | None  # P(a run of a beats one of b), failed runs last
    p: float | None  # of the difference
    level: float
    p_failures: float | None  # of the failures; None where no outcome could have been significant


def judge(evidence: Evidence) -> Verdict:
    """Judge a against b by their failures and by the scores of their finished runs.

    Not significant is not equal: the verdict is "no difference shown" only with 80 % power to detect a difference of
    one standard deviation between runs, and "not enough seeds" below that.
    """
    one, p = evidence, evidence.p
    if one.p_failures is not None and one.p_failures < ALPHA:
        return _by_failures(one, one.p_failures)
    if one.a[1] == one.a[2] or one.b[1] == one.b[2]:
        return Verdict("not enough seeds", _without_finished_runs(one.a, one.b))
    if p is None or one.difference.value is None:
        needed = required_seeds(1.0, paired=False, power=POWER, alpha=one.level)
        why = f"A test needs two finished runs of each row; {needed} seeds would detect {ONE}."
        return Verdict("not enough seeds", why, needed)
    if p < ALPHA:
        return _significant(_word(one.difference.value, one.direction), p, one.beats)
    if not one.difference.deviation:
        return _constant(one.difference, min(one.difference.n_a, one.difference.n_b), p, one.level)
    return _not_significant(one, p)


ONE = "a difference of one standard deviation between runs"


def _by_failures(one: Evidence, p: float) -> Verdict:
    """Judge by failures, unless the finished runs of the row that fails more are significantly better."""
    (a, runs_a, failed_a), (b, runs_b, failed_b) = one.a, one.b
    word: Word = "worse" if failed_a / runs_a > failed_b / runs_b else "better"
    more, less = ((a, failed_a, runs_a), (b, failed_b, runs_b))[:: 1 if word == "worse" else -1]
    fails = f"fails in {more[1]} of {more[2]} runs, {less[0]} in {less[1]} of {less[2]} (p = {p:.2g})"
    significant = one.p is not None and one.p < ALPHA and one.difference.value is not None
    if significant and _word(one.difference.value or 0.0, one.direction) not in (word, "different"):
        return Verdict("different", f"{more[0]} scores better in the runs that finish, but {fails}.")
    return Verdict(word, f"{more[0]} {fails}.")


def _without_finished_runs(a: Counted, b: Counted) -> str:
    """Explain why failures that are not significant decide nothing."""
    rows = [row for row in (a, b) if row[1] == row[2]]
    if len(rows) == 2:
        return f"Neither {a[0]} nor {b[0]} has a finished run."
    name, runs, _ = rows[0]
    return f"None of the {runs} runs of {name} finished, but with so few runs that may be chance."


def _not_significant(one: Evidence, p: float) -> Verdict:
    """Judge scores that vary and do not differ significantly."""
    difference, paired = one.difference, one.difference.kind == "paired"
    n = min(difference.n_a, difference.n_b)
    deviation, value = difference.deviation or 0.0, difference.value or 0.0
    unit = (one.deviation or 0.0) / deviation if paired else 1.0
    seen = required_seeds(value / deviation, paired=paired, power=POWER, alpha=one.level)
    needed = None if seen is None or seen > MOST_WORTH_NAMING else max(seen, n + 1)
    if power_of(n, unit, paired=paired, alpha=one.level) >= POWER:
        why = f"{n} seeds suffice to detect {ONE}; the observed one may be chance (p = {p:.2g})."
        return Verdict("no difference shown", why, needed)
    chance = f"With {n} seeds the difference may be chance (p = {p:.2g})"
    if needed is not None:
        return Verdict("not enough seeds", f"{chance}; about {needed} seeds would detect one of this size.", needed)
    enough = required_seeds(unit, paired=paired, power=POWER, alpha=one.level)
    return Verdict("not enough seeds", f"{chance}; {enough} seeds would detect {ONE}; this one is far smaller.")


def _word(value: float, direction: Direction) -> Word:
    if direction == "none":
        return "different"
    return "better" if (value < 0) == (direction == "lower") else "worse"


def _significant(word: Word, p: float, beats: float | None) -> Verdict:
    """Name a difference; a mean that is better only because the losing runs failed is merely "different"."""
    if beats is None or word == "different" or (beats - 0.5) * (1 if word == "better" else -1) >= 0:
        return Verdict(word, f"The difference is significant (p = {p:.2g} after Holm's correction).")
    why = f"The mean over finished runs is {word} (p = {p:.2g}), but P(beats), failures last, is {beats:.2f}."
    return Verdict("different", why)


def _constant(difference: Difference, n: int, p: float, level: float) -> Verdict:
    """Judge differences that are all equal: the sign test's p, 2^(1 - n), or the permutation test's, 2 / C(2n, n)."""
    if difference.kind == "paired":
        fewest = next(k for k in count(2) if 2.0 ** (1 - k) < level)
    else:
        fewest = next(k for k in count(2) if 2 / math.comb(2 * k, k) < level)
    if difference.value == 0.0 and n >= fewest:
        return Verdict("no difference shown", f"All {n} seeds agree exactly.")
    needed = max(fewest, n + 1)
    why = f"All {n} seeds give the same difference, and {n} are too few to test (p = {p:.2g}); {needed} are needed."
    return Verdict("not enough seeds", why, needed)
