"""Runs as they stood at a smaller budget, from the rungs of their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from benchmark.errors import UserError
from benchmark.store import Record, Rung, identity_key

BUDGET = "gradient_evaluations"  # of what must be comparable
SHARED = ("gradient_evaluations", "critic_updates", "generator_updates", "samples_seen", "seconds")


def budget_of(record: Record) -> int | None:
    """Return a run's budget in gradient evaluations; None for a control, or if the record has none."""
    budget = record.comparable.get(BUDGET)
    return budget if isinstance(budget, int) and not isinstance(budget, bool) and budget > 0 else None


def at_rung(record: Record, rung: Rung) -> Record:
    """Return a rung as the record of a run with its budget: that run's key, and a fraction of the cost."""
    part = rung.iteration / max(1, record.rungs[-1].iteration)
    identity = {**record.identity, "iterations": rung.iteration}
    cost = {
        name: round(amount * part, 3)
        for name, amount in record.compute.items()
        if name in SHARED and type(amount) in (int, float)
    }
    return replace(
        record,
        key=identity_key(identity),
        identity=identity,
        comparable={**record.comparable, BUDGET: rung.gradient_evaluations},
        end=rung.end,
        scores=rung.scores,
        absent=rung.absent,
        compute={**record.compute, **cost},
        rungs=record.rungs[: record.rungs.index(rung) + 1],
    )


def budgets(records: Sequence[Record]) -> list[int]:
    """List the budgets at which records can be shown, the smallest first."""
    own = {budget for record in records if (budget := budget_of(record)) is not None}
    return sorted(own | {rung.gradient_evaluations for record in records for rung in record.rungs})


def at_budget(records: Sequence[Record], budget: int) -> list[Record]:
    """Return runs at a budget: runs of it, rungs of longer runs, and controls and submissions, which have no budget.

    A run with this budget replaces the rung of a longer one with the same key. Raises UserError if there is no run.
    """
    found: dict[str, Record] = {}
    for record in records:
        if record.kind != "objective" or budget_of(record) == budget:
            found[record.key] = record
    own = set(found)
    for record in records:
        rung = next((rung for rung in record.rungs if rung.gradient_evaluations == budget), None)
        if rung is not None and record.key not in own:
            shorter = at_rung(record, rung)
            found.setdefault(shorter.key, shorter)
    if not any(record.kind == "objective" for record in found.values()):
        known = ", ".join(f"{one:,}" for one in budgets(records)) or "none"
        raise UserError(f"No run was scored at {budget:,} gradient evaluations. On record: {known}.")
    return list(found.values())


def beside(own: Sequence[Record], others: Sequence[Record]) -> list[Record]:
    """Return the own records and other records, the latter at the budgets of the own ones if they have rungs there.

    A short run is then compared with longer ones at its budget. Other records without such a rung, and those of
    problems without own records, are unchanged.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    for record in own:
        if (budget := budget_of(record)) is not None:
            wanted[record.problem].add(budget)
    found = {record.key: record for record in own}
    for record in others:
        budgets_there = wanted[record.problem] - {budget_of(record)}
        rungs = [rung for rung in record.rungs[:-1] if rung.gradient_evaluations in budgets_there]
        shorter = [at_rung(record, rung) for rung in rungs]
        stays = not shorter or budget_of(record) in wanted[record.problem]
        for one in [*shorter, *([record] if stays else [])]:
            found.setdefault(one.key, one)
    return list(found.values())
