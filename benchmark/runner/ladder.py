"""The ladder: at rungs of its budget a run is scored as a run of that budget would be at its end.

A game that sees progress has no rungs but those that are asked for: instance noise that decays over the whole budget is
stronger at a rung than at the end of a run of the rung's budget. Schedules count updates, so they see no budget.
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

    They are at the iterations `wanted`, or else at fractions of the budget. Those begin where runs are traced: a
    shorter run rounds otherwise, and would end with other last bits.
    """
    if wanted:
        return {iteration: iteration * cost for iteration in sorted(wanted) if iteration * cost < budget}
    parts = (budget // divisor for divisor in DIVISORS)
    return {part // cost: part for part in parts if part // cost >= TRACE_FROM}


def rung(iteration: int, budget: int, end: Diagnosis, verdict: RunScores) -> Rung:
    """Return a member's rung."""
    state = End(state=end.state, iteration=end.iteration, reason=end.reason)
    return Rung(iteration, budget, state, verdict.scores, verdict.absent)


def rungs_noted(noted: Any, members: int, ladder: Ladder, iteration: int) -> dict[int, list[Rung]]:
    """Return the rungs that a checkpoint notes, a row of members each; raises ValueError unless they can be right.

    Those are all rungs below the checkpoint's iteration, and the one at it where it was judged in time.
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
