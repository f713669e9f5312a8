"""Whether two rows fail unequally often: Fisher's exact test, and the family of these tests in a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.stats.differences import holm

TOLERANCE = 1 + 1e-7  # tables as likely as the one seen count as such despite rounding


@dataclass(frozen=True)
class FailureTest:
    """Two-sided p of the failures of two rows, and the smallest p possible with these numbers of runs and failures."""

    p: float
    least: float


def fisher_test(failed_a: int, runs_a: int, failed_b: int, runs_b: int) -> FailureTest:
    """Return the exact test of unequal failures (Fisher, 1922, doi.org/10.2307/2340521).

    p = sum of P(k) over all k with P(k) <= P(failed_a),
    P(k) = C(runs_a, k) C(runs_b, K - k) / C(runs_a + runs_b, K),  K failures of both
    """
    for failed, runs in ((failed_a, runs_a), (failed_b, runs_b)):
        if not 0 <= failed <= runs:
            raise ValueError(f"failures must be in 0..{runs}, got {failed}")
    failed = failed_a + failed_b
    total = math.comb(runs_a + runs_b, failed)
    fewest, most = max(0, failed - runs_b), min(runs_a, failed)
    chances = {k: math.comb(runs_a, k) * math.comb(runs_b, failed - k) / total for k in range(fewest, most + 1)}
    p_values = {k: math.fsum(p for p in chances.values() if p <= TOLERANCE * chance) for k, chance in chances.items()}
    return FailureTest(min(1.0, p_values[failed_a]), min(1.0, *p_values.values()) if len(p_values) > 1 else 1.0)


def holm_of_failures(tests: Sequence[FailureTest], alpha: float = 0.05) -> list[float | None]:
    """Correct tests of failures for their number, leaving out those that no outcome could have made significant.

    Of m tests, the K(α) with least p <= α/K make the family (Tarone, 1990, doi.org/10.2307/2531456), K the smallest
    number that is at least their count. It depends on the totals alone, so Holm's steps hold α within it; the others
    have no corrected p. Without this, twenty rows that never fail would hide one that always does.
    """
    size = next(k for k in range(1, len(tests) + 2) if sum(test.least <= alpha / k for test in tests) <= k)
    return holm([test.p if test.least <= alpha / size else None for test in tests])
