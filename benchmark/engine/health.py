"""How a member ended: end states and their thresholds.

ok          none of the below
diverged    a loss or a gradient was not a finite number; the member was frozen there
collapsed   the samples' total variance fell below 1e-3 of the data's and half of the untrained generator's, and
            stayed there to the end
critic_won  the generator's gradient fell below 1e-3 of its largest while the critic held the two means of its scores
            at least 0.9 of their largest distance apart, and both lasted through the last tenth of the run
stalled     both gradients were below 1e-9 of their largest through the last tenth of the run

Two observations may be added to the reason of an ok end; they are not failures:

partial     modes, or classes of images, hold less than a quarter of their share of the samples (the threshold of
            `modes_quarter`): mode collapse of a part
oscillating over the last half of the run the critic's preference flipped at least four times between real and fake,
            by a quarter of the largest distance of the two means of its scores each time: the players chase each other

The thresholds are ours. They are relative, because losses have no common scale. A converged game is none of these,
because its critic no longer separates real from fake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from typing import Literal

State = Literal["ok", "diverged", "critic_won", "collapsed", "stalled"]

COLLAPSED_SPREAD = 1e-3
VANISHED_GRADIENT = 1e-3
HELD_GAP = 0.9
STALLED_GRADIENT = 1e-9
LAST_PART = 0.1  # of the run, that a condition must last
SWING = 0.25  # of the widest gap between the means of the scores, that a turn must reach on either side
TURNS = 4
LATE = 0.5  # of the run, over which turns are counted

Point = Mapping[str, float]


@dataclass(frozen=True)
class Diagnosis:
    """A member's end state, since when, and why."""

    state: State
    iteration: int
    reason: str | None = None


def diagnose(points: Sequence[Point], iterations: int, ended: int) -> Diagnosis:
    """Judge a member by its curve; `ended` is the iteration at which it turned non-finite, or -1.

    Some points hold `spread`, the samples' total variance over the data's; the first of them is the untrained one.
    """
    if ended >= 0:
        return Diagnosis("diverged", ended + 1, "the loss or its gradient was not a finite number")
    spreads = [point for point in points if "spread" in point]
    points = [point for point in points if "critic_gradient" in point]
    largest = {
        name: max((abs(point[name]) for point in points), default=0.0)
        for name in ("critic_gradient", "generator_gradient")
    }
    widest = max((_gap(point) for point in points), default=0.0)

    def stalled(point: Point) -> bool:
        return all(point[name] <= STALLED_GRADIENT * largest[name] for name in largest)

    def critic_won(point: Point) -> bool:
        vanished = point["generator_gradient"] < VANISHED_GRADIENT * largest["generator_gradient"]
        return vanished and widest > 0.0 and _gap(point) >= HELD_GAP * widest

    narrow = min(COLLAPSED_SPREAD, 0.5 * spreads[0]["spread"]) if spreads else 0.0
    since = lasting(spreads, lambda point: point["spread"] < narrow)
    if since is not None:
        reason = f"the samples' variance fell below {COLLAPSED_SPREAD:g} of the data's"
        return Diagnosis("collapsed", since, reason)
    for state, condition, reason in (
        ("stalled", stalled, f"both gradients fell below {STALLED_GRADIENT:g} of their largest"),
        ("critic_won", critic_won, f"the generator's gradient fell below {VANISHED_GRADIENT:g} of its largest"),
    ):
        since = lasting(points, condition)
        if since is not None and since <= (1.0 - LAST_PART) * iterations:
            return Diagnosis(state, since, reason)  # type: ignore[arg-type]
    return Diagnosis("ok", iterations)


def with_observations(end: Diagnosis, points: Sequence[Point], missing: str | None) -> Diagnosis:
    """Add observations to an ok end; `missing` describes the missing modes."""
    if end.state != "ok":
        return end
    count = turns(points)
    observations = [f"partial: {missing}"] if missing else []
    if count >= TURNS:
        observations.append(f"oscillating: the critic's preference flipped {count} times in the last half of the run")
    return replace(end, reason="; ".join(observations) or None)


def turns(points: Sequence[Point]) -> int:
    """Return how often the critic's preference between real and fake flipped in the last half of a run."""
    gaps = [
        (point["iteration"], point["real_score"] - point["fake_score"]) for point in points if "real_score" in point
    ]
    known = [(at, gap) for at, gap in gaps if gap == gap]
    if not known:
        return 0
    reach, late = SWING * max(abs(gap) for _, gap in known), LATE * known[-1][0]
    sides = [gap > 0.0 for at, gap in known if at > late and abs(gap) >= reach > 0.0]
    return sum(one != other for one, other in pairwise(sides))


def lasting(points: Sequence[Point], condition: Callable[[Point], bool]) -> int | None:
    """Return the iteration since which a condition has held to the end; None if the last point does not meet it."""
    tail = list(takewhile(condition, reversed(points)))
    return int(tail[-1]["iteration"]) if tail else None


def _gap(point: Point) -> float:
    gap = abs(point["real_score"] - point["fake_score"])
    return gap if gap == gap else 0.0  # an embedding critic has no scores
