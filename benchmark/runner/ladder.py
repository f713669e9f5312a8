"""The ladder: at rungs of its budget a run is scored as a run of that budget would be at its end.

An objective that depends on progress has only the rungs that were requested: instance noise that decays over the whole
budget is stronger at a rung than at the end of a run of the rung's budget. Schedules count updates, not progress.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from benchmark.engine.health import Diagnosis
from benchmark.engine.loop import TRACE_FROM
from benchmark.runner.evaluate import RunScores
from benchmark.store import End, Rung, parse_rung

DIVISORS = (16, 8, 4, 2)  # of the budget; the last rung is the run's end
Ladder = Mapping[int, int]  # iteration -> budget of the run that ends there, in gradient evaluations


def rungs_of(budget: int, cost: int, wanted: Collection[int] = ()) -> Ladder:
    """Return the rungs below a whole budget of gradient evaluations, where one iteration takes `cost`.

    They are at the iterations `wanted`, or else at fractions of the budget. Fractions whose runs would be too short to
    be traced are left out, because tracing changes the rounding.
    """
    if wanted:
        return {iteration: iteration * cost for iteration in sorted(wanted) if iteration * cost < budget}
    parts = (budget // divisor for divisor in DIVISORS)
    return {part // cost: part for part in parts if part // cost >= TRACE_FROM}


def rung(iteration: int, budget: int, end: Diagnosis, scores: RunScores) -> Rung:
    """Return a member's rung."""
    state = End(state=end.state, iteration=end.iteration, reason=end.reason)
    return Rung(iteration, budget, state, scores.scores, scores.absent)


def rungs_noted(noted: Any, members: int, ladder: Ladder, iteration: int) -> dict[int, list[Rung]]:
    """Return the rungs of a checkpoint's notes, a list over members each; raises ValueError for inconsistent ones.

    There must be all rungs below the checkpoint's iteration; the one at it may have been scored in time.
    """
    if not isinstance(noted, list) or not all(isinstance(row, list) and len(row) == members for row in noted):
        raise ValueError(f"its rungs do not have {members} members each")
    rows = [[parse_rung(facts, f"rung {at}") for facts in row] for at, row in enumerate(noted, 1)]
    found = {row[0].iteration: row for row in rows}
    same = all(
        one.iteration == at and one.gradient_evaluations == ladder.get(at) for at, row in found.items() for one in row
    )
    due = {at for at in ladder if at < iteration}
    if not same or len(found) < len(rows) or not due <= found.keys() or max(found, default=0) > iteration:
        raise ValueError(f"its rungs are not those below iteration {iteration}")
    return found
