"""What a difference allows one to say."""

from __future__ import annotations

import math
from dataclasses import dataclass
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
    a: Counted, b: Counted, direction: Direction, difference: Difference, deviation: float | None, p: float | None
) -> Verdict:
    """Judge a against b from their difference, the deviation of one row's runs, and the corrected p.

    Not significant is not equal: only with 80 % power for a difference of one standard deviation between runs is it
    "no difference shown"; below that it is "not enough seeds".
    """
    if a[1] == a[2] or b[1] == b[2]:
        return _failed_altogether(a, b)
    if p is None or difference.value is None:
        needed = required_seeds(1.0, paired=False, power=POWER, alpha=ALPHA)
        return Verdict(
            "not enough seeds", f"a test needs two finished runs of each; {needed} would show {ONE}.", needed
        )
    if p < ALPHA:
        return Verdict(_word(difference.value, direction), f"p = {p:.2g} after Holm's correction.")
    paired = difference.kind == "paired"
    n = min(difference.n_a, difference.n_b)
    unit = (deviation or 0.0) / difference.deviation if difference.deviation else math.inf
    if difference.deviation == 0.0:
        return _constant(difference, n, p)
    seen = required_seeds(difference.value / (difference.deviation or 1.0), paired=paired, power=POWER, alpha=ALPHA)
    needed = seen if seen is not None and seen <= MOST_WORTH_NAMING else None
    if power_of(n, unit if paired else 1.0, paired=paired, alpha=ALPHA) >= POWER:
        return Verdict("no difference shown", f"p = {p:.2g}, though {n} seeds would show {ONE}.", needed)
    size = "too small to be worth it" if needed is None else f"about {needed} would do, if it is as large as it looks"
    unit_seeds = required_seeds(unit if paired else 1.0, paired=paired, power=POWER, alpha=ALPHA)
    return Verdict("not enough seeds", f"p = {p:.2g} with {n} seeds; {size}; {unit_seeds} would show {ONE}.", needed)


ONE = "a difference of one standard deviation between runs"


def _word(value: float, direction: Direction) -> Word:
    if direction == "none":
        return "different"
    return "better" if (value < 0) == (direction == "lower") else "worse"


def _constant(difference: Difference, n: int, p: float) -> Verdict:
    """Judge differences that are all equal, by the sign test: six seeds are the fewest that it can tell."""
    fewest = 1 + math.ceil(-math.log2(ALPHA)) if difference.kind == "paired" else 4
    if difference.value == 0.0 and n >= fewest:
        return Verdict("no difference shown", f"all {n} seeds agree exactly.")
    why = f"p = {p:.2g} with {n} seeds that do not vary; {max(fewest, n + 1)} would do."
    return Verdict("not enough seeds", why, max(fewest, n + 1))


def _failed_altogether(a: Counted, b: Counted) -> Verdict:
    """Judge where a row has no finished run: by the exact probability of so uneven failures (Fisher's test)."""
    both = a[1] == a[2] and b[1] == b[2]
    name, runs, _ = a if a[1] == a[2] else b
    if both:
        return Verdict("not enough seeds", f"neither {a[0]} nor {b[0]} has a finished run.")
    failed, total = a[2] + b[2], a[1] + b[1]
    p = min(1.0, 2 * math.comb(total - runs, failed - runs) / math.comb(total, failed))
    if p < ALPHA:
        word: Word = "worse" if a[1] == a[2] else "better"
        return Verdict(word, f"all {runs} runs of {name} failed (Fisher's exact test, p = {p:.2g}).")
    return Verdict("not enough seeds", f"all {runs} runs of {name} failed, which chance could do too (p = {p:.2g}).")
