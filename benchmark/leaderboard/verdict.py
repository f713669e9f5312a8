"""What a difference allows one to say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import Literal

from benchmark.stats import Difference, power_of, required_seeds
from benchmark.store import Direction

ALPHA = 0.05
POWER = 0.8
MOST_WORTH_NAMING = 10_000  # seeds; beyond that nobody will run them

Word = Literal["better", "worse", "different", "no difference shown", "not enough seeds"]
Counted = tuple[str, int, int]  # label, runs, failed runs


@dataclass(frozen=True)
class Verdict:
    """A word for the comparison of a with b, and the sentence that says why."""

    word: Word
    why: str
    seeds_needed: int | None = None  # per row, to show a difference of the size seen; None if no number is worth naming


def judged(
    a: Counted,
    b: Counted,
    direction: Direction,
    difference: Difference,
    deviation: float | None,
    beats: float | None,
    p: float | None,
    level: float,
) -> Verdict:
    """Judge a against b from their difference, the deviation of one row's runs, P(beats), and the corrected p.

    `level` is the one at which Holm's correction held the uncorrected p, and what numbers of seeds are for. Not
    significant is not equal: only with 80 % power for a difference of one standard deviation between runs is it
    "no difference shown"; below that it is "not enough seeds".
    """
    if a[1] == a[2] or b[1] == b[2]:
        return _failed_altogether(a, b, p)
    if p is None or difference.value is None:
        needed = required_seeds(1.0, paired=False, power=POWER, alpha=level)
        return Verdict(
            "not enough seeds", f"a test needs two finished runs of each; {needed} would show {ONE}.", needed
        )
    if p < ALPHA:
        return _shown(_word(difference.value, direction), p, beats)
    paired = difference.kind == "paired"
    n = min(difference.n_a, difference.n_b)
    if not difference.deviation:
        return _constant(difference, n, p, level)
    unit = (deviation or 0.0) / difference.deviation if paired else 1.0
    seen = required_seeds(difference.value / difference.deviation, paired=paired, power=POWER, alpha=level)
    needed = None if seen is None or seen > MOST_WORTH_NAMING else max(seen, n + 1)
    if power_of(n, unit, paired=paired, alpha=level) >= POWER:
        return Verdict("no difference shown", f"p = {p:.2g}, though {n} seeds would show {ONE}.", needed)
    size = "too small to be worth it" if needed is None else f"about {needed} would do, if it is as large as it looks"
    unit_seeds = required_seeds(unit, paired=paired, power=POWER, alpha=level)
    return Verdict("not enough seeds", f"p = {p:.2g} with {n} seeds; {size}; {unit_seeds} would show {ONE}.", needed)


def failures_p(a: Counted, b: Counted) -> float | None:
    """Return exact p where all runs of one row failed, not all of the other (Fisher, 1922, doi.org/10.2307/2340521).

    p = min(1, 2 C(N - n, K - n) / C(N, K)),  n runs of the failed row, K failures among N runs of both
    """
    if (a[1] == a[2]) == (b[1] == b[2]):
        return None
    runs, failed, total = (a if a[1] == a[2] else b)[1], a[2] + b[2], a[1] + b[1]
    return min(1.0, 2 * math.comb(total - runs, failed - runs) / math.comb(total, failed))


ONE = "a difference of one standard deviation between runs"


def _word(value: float, direction: Direction) -> Word:
    if direction == "none":
        return "different"
    return "better" if (value < 0) == (direction == "lower") else "worse"


def _shown(word: Word, p: float, beats: float | None) -> Verdict:
    """Name a difference; a mean that survivors make better, of a row whose runs mostly lose, is merely different."""
    said = f"p = {p:.2g} after Holm's correction"
    if beats is None or word == "different" or (beats - 0.5) * (1 if word == "better" else -1) >= 0:
        return Verdict(word, f"{said}.")
    return Verdict(
        "different", f"the mean over finished runs is {word} ({said}), but P(beats) with failures last is {beats:.2f}."
    )


def _constant(difference: Difference, n: int, p: float, level: float) -> Verdict:
    """Judge differences that are all equal: the sign test's p, 2^(1 - n), or the permutation test's, 2 / C(2n, n)."""
    if difference.kind == "paired":
        fewest = next(k for k in count(2) if 2.0 ** (1 - k) < level)
    else:
        fewest = next(k for k in count(2) if 2 / math.comb(2 * k, k) < level)
    if difference.value == 0.0 and n >= fewest:
        return Verdict("no difference shown", f"all {n} seeds agree exactly.")
    needed = max(fewest, n + 1)
    return Verdict("not enough seeds", f"p = {p:.2g} with {n} seeds that do not vary; {needed} would do.", needed)


def _failed_altogether(a: Counted, b: Counted, p: float | None) -> Verdict:
    """Judge where a row has no finished run: by the exact probability of so uneven failures."""
    if p is None:
        return Verdict("not enough seeds", f"neither {a[0]} nor {b[0]} has a finished run.")
    name, runs, _ = a if a[1] == a[2] else b
    said = f"all {runs} runs of {name} failed"
    if p < ALPHA:
        word: Word = "worse" if a[1] == a[2] else "better"
        return Verdict(word, f"{said} (Fisher's exact test, p = {p:.2g} after Holm's correction).")
    return Verdict("not enough seeds", f"{said}, which chance could do too (p = {p:.2g} after Holm's correction).")
