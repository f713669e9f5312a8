"""Measure a target on a tier and judge it: the paper's value, ours and a verdict for every cell and claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmark.reproduce import densities, dirac, grid, runs, tuning
from benchmark.reproduce.place import Cells, Exhibit, Measurement, Place, Plot
from benchmark.reproduce.target import (
    Claim,
    Stated,
    Target,
    TargetColumn,
    TargetRow,
    Tier,
    cells_of,
    deviations_of,
    deviations_of_claim,
    is_ours,
)
from benchmark.reproduce.verdict import CellVerdict, Measured, judge, judge_claim

MEASURES: Mapping[str, Callable[[Target, Tier, Place], Measurement]] = {
    "densities": densities.measure,
    "dirac": dirac.measure,
    "grid": grid.measure,
    "runs": runs.measure,
    "tuning": tuning.measure,
}


@dataclass(frozen=True)
class Judged:
    """One cell."""

    row: str
    column: str
    stated: Stated | None
    measured: Measured
    verdict: CellVerdict


@dataclass(frozen=True)
class JudgedClaim:
    """One claim."""

    text: str
    verdict: CellVerdict


@dataclass(frozen=True)
class Reproduction:
    """All cells and claims of a target on one tier."""

    name: str
    tier: str
    target: Target
    cells: tuple[Judged, ...]
    claims: tuple[JudgedClaim, ...]
    exhibits: tuple[Exhibit, ...]
    plots: tuple[Plot, ...] = ()
    seconds: float | None = None  # of training, from the records

    @property
    def verdicts(self) -> Counter[str]:
        """Count the verdicts by word."""
        verdicts = [*(cell.verdict for cell in self.cells), *(claim.verdict for claim in self.claims)]
        return Counter(verdict.word for verdict in verdicts)


def carry_out(name: str, target: Target, tier_name: str, place: Place) -> Reproduction:
    """Measure a target on a tier and judge it; existing runs are reused."""
    tier = target.tier(tier_name)
    here = tuple(column for column in target.columns if tier_name in column.tiers)
    seen = MEASURES[target.measure](target.model_copy(update={"columns": here}), tier, place)
    found = {**seen.cells, **_elsewhere(target, tier_name)}
    cells = tuple(
        _judged(row, column, found[row.name, column.name], target, tier)
        for row, column in cells_of(target)
        if (row.name, column.name) in found
    )
    claims = tuple(JudgedClaim(claim.text, _claim(claim, target, tier, found)) for claim in target.claims)
    return Reproduction(name, tier_name, target, cells, claims, tuple(seen.exhibits), tuple(seen.plots), seen.seconds)


def _elsewhere(target: Target, tier_name: str) -> Cells:
    """Return the cells that only other tiers run."""
    others = [
        (row, column)
        for row, column in cells_of(target)
        if tier_name not in column.tiers and not (target.stated_only and column.name not in row.paper)
    ]
    return {
        (row.name, column.name): Measured(absent=f"only on {' and '.join(f'tier {tier}' for tier in column.tiers)}")
        for row, column in others
    }


def _judged(row: TargetRow, column: TargetColumn, measured: Measured, target: Target, tier: Tier) -> Judged:
    """Judge a cell against the value that theory gives, if it was computed, otherwise against the paper's."""
    stated = measured.expected or row.paper.get(column.name)
    verdict = judge(stated, measured, column, deviations_of(target, tier, column))
    return Judged(row.name, column.name, stated, measured, verdict)


def _claim(claim: Claim, target: Target, tier: Tier, found: Cells) -> CellVerdict:
    nothing = Measured(absent="its cells were not run")
    larger, smaller = found.get(claim.larger, nothing), found.get(claim.smaller, nothing)
    verdict = judge_claim(claim, larger, smaller, deviations_of_claim(target, tier, claim))
    if not is_ours(claim, target, tier) or verdict.word == "not run":
        return verdict
    return CellVerdict(verdict.word, "; ".join([verdict.reason, *tier.deviations]))
