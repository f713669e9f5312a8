"""A target: a table of a paper as data, and what we run for each of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, model_validator

from benchmark.runner.suite import Setting
from benchmark.toml_file import Strict, named_file, names_in, read_toml
from objectives.foundation.names import resolve
from objectives.foundation.settings import text_of

TARGETS = files("benchmark.reproduce.targets")
TierName = Literal["smoke", "cpu", "full"]
# Weight, mean and standard deviation of each part of a mixture of normals.
Normal = Annotated[tuple[PositiveFloat, float, PositiveFloat], Field(strict=False)]
Normals = tuple[Normal, ...]
Choices = Annotated[tuple[Setting, ...], Field(strict=False, min_length=1)]
TIERS: tuple[TierName, ...] = ("smoke", "cpu", "full")

# What a measurement needs of every row and of every column.
NEEDED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "runs": ((), ("problem", "metric")),
    "dirac": (("objective",), ("metric",)),
    "densities": (("p", "q"), ("metric",)),
    "grid": (("objective", "grid"), ("problem",)),
    "tuning": (("objective",), ("problem", "metric")),
}


class Stated(Strict):
    """What a paper states in one cell: a number, perhaps with its standard error, or a word."""

    value: float | str
    error: float | None = Field(default=None, gt=0)  # a standard error
    deviation: float | None = Field(default=None, gt=0)  # of single runs: shown, never judged by
    single: bool = False  # the number is of one run, so that it varies as one run of ours does
    note: str = ""  # "from memory", say


class TargetColumn(Strict):
    """A column: what is measured, on which problem, and how far from the paper still agrees."""

    name: str
    problem: str | None = None
    metric: str | None = None
    network: str | None = None
    settings: Mapping[str, Setting] = {}
    scale: float = 1.0  # times our number: 100 where the paper prints per cent
    equals: float | None = None  # count the runs whose metric is this: each gives 1 or 0
    points: int | None = Field(default=None, ge=1)  # to train on, where the problem draws its own
    samples: int | None = Field(default=None, ge=1)  # to judge a run by, instead of the problem's
    evaluators: tuple[str, ...] = Field(default=(), strict=False)  # besides the problem's own
    tolerance: float | None = Field(default=None, ge=0)  # what still counts as the same number, in the paper's unit
    tiers: tuple[TierName, ...] = Field(default=TIERS, strict=False)  # on which it is run
    deviations: tuple[str, ...] = Field(default=(), strict=False)  # on every tier
    exact: bool = False  # depends on no budget, so that a tier's deviations do not touch it
    because: str = ""  # why that tolerance; without one, why no number of this column can be held against the paper


class TargetRow(Strict):
    """A row: a model of the paper, and what stands for it here, if anything does."""

    name: str
    objective: str | None = None
    control: str | None = None
    settings: Mapping[str, Setting] = {}
    network: str | None = None  # instead of the column's
    epochs: int | None = Field(default=None, ge=1)  # at most, of the curve's; else all that the tier trains
    against: str | None = None  # the row from which this one differs in one thing, whose effect is measured
    slope: float | None = None  # of the Dirac-GAN's local theory, where there is one
    damping: float = 0.0
    p: Normals = Field(default=(), strict=False)  # known densities: of the data, and of the generator
    q: Normals = Field(default=(), strict=False)
    grid: Mapping[str, Choices] = {}  # values of each setting; `network.` begins the network's own
    paper: Mapping[str, Stated] = {}  # by column
    needs: str = ""  # what it would take to run a row that is not run


class Claim(Strict):
    """A sentence of the paper that orders two cells: the first is larger."""

    text: str
    larger: tuple[str, str] = Field(strict=False)  # row, column
    smaller: tuple[str, str] = Field(strict=False)
    shortened_on: tuple[TierName, ...] = Field(default=(), strict=False)  # tiers of which it is a claim of ours
    paired: bool = True  # by seed; else the two cells share nothing


class Curve(Strict):
    """Scores along the training: one column's metric of every run at the ends of epochs."""

    column: str
    label: str  # what is scored, and its unit
    epoch: int = Field(ge=1)  # in iterations
    epochs: tuple[int, ...] = Field(strict=False, min_length=1)


class Tier(Strict):
    """How much of the protocol is run; deviations from the paper's make its numbers not comparable."""

    expected: str  # time it takes, and where
    seeds: int = Field(default=5, ge=1)
    iterations: int | None = Field(default=None, ge=1)
    epoch: int | None = Field(default=None, ge=1)  # in iterations, instead of the curve's
    settings: Mapping[str, Setting] = {}
    problems: Mapping[str, str] = {}  # what stands in for a column's problem
    metrics: Mapping[str, str] = {}  # and for its metric, by column
    network: str | None = None  # what stands in for every network
    steps: int = Field(default=500, ge=1)  # of the Dirac-GAN
    batch: int = Field(default=1024, ge=1)  # of a critic against known densities
    points: int = Field(default=16, ge=1)  # of a grid
    trials: int = Field(default=8, ge=1)  # of a search
    searched: tuple[str, ...] = Field(default=(), strict=False)  # rows of a search; all, if none is named
    cells: tuple[Annotated[tuple[str, str], Field(strict=False)], ...] = Field(default=(), strict=False)  # or all
    deviations: tuple[str, ...] = Field(default=(), strict=False)


class Target(Strict):
    """A target file."""

    title: str
    paper: str  # authors, year, arXiv, table
    about: str  # what the paper did, and what we do
    measure: Literal["runs", "dirac", "densities", "grid", "tuning"] = "runs"
    error: str = ""  # what the paper's ± is
    curve: Curve | None = None
    keep_generators: bool = False  # their weights beside each record
    settings: Mapping[str, Setting] = {}  # of all rows that train
    stated_only: bool = False  # run no cell in which the paper states nothing
    deviations: tuple[str, ...] = Field(default=(), strict=False)  # on every tier
    tiers: Mapping[TierName, Tier]
    columns: tuple[TargetColumn, ...] = Field(strict=False)
    rows: tuple[TargetRow, ...] = Field(strict=False)
    claims: tuple[Claim, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _places_exist(self) -> Target:
        rows, columns = {row.name for row in self.rows}, {column.name for column in self.columns}
        for row in self.rows:
            if strange := row.paper.keys() - columns:
                raise ValueError(f"the row {row.name!r} states {sorted(strange)[0]!r}, which is no column")
        for row in self.rows:
            if row.against is not None and row.against not in rows - {row.name}:
                raise ValueError(f"the row {row.name!r} is held against {row.against!r}, which is no other row")
            if self.curve is None and (row.against is not None or row.epochs is not None):
                raise ValueError(f"the row {row.name!r} counts epochs, and the target has no curve")
        if self.curve is not None and self.curve.column not in columns:
            raise ValueError(f"the curve is of {self.curve.column!r}, which is no column")
        for claim in self.claims:
            for place in (claim.larger, claim.smaller):
                if place[0] not in rows or place[1] not in columns:
                    raise ValueError(f"a claim speaks of {place}, which is no cell")
        return self

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Target:
        for parts in (parts for row in self.rows for parts in (row.p, row.q) if parts):
            if abs(sum(weight for weight, _, _ in parts) - 1.0) > 1e-9:
                raise ValueError(f"the weights of {parts} do not sum to 1")
        return self

    @model_validator(mode="after")
    def _tiers_are_honest(self) -> Target:
        rows = {row.name for row in self.rows}
        cells = {(row.name, column.name) for row, column in cells_of(self)}
        for name, tier in self.tiers.items():
            if unknown := [cell for cell in tier.cells if cell not in cells]:
                raise ValueError(f"the tier {name!r} runs {unknown[0]}, which is no cell")
            if strange := set(tier.searched) - rows:
                raise ValueError(f"the tier {name!r} searches {sorted(strange)[0]!r}, which is no row")
            if (tier.problems or tier.metrics or tier.network) and not (self.deviations or tier.deviations):
                raise ValueError(f"the tier {name!r} puts something in a paper's place and names no deviation")
        return self

    @model_validator(mode="after")
    def _nothing_is_missing(self) -> Target:
        of_rows, of_columns = NEEDED[self.measure]
        for row in (row for row in self.rows if not row.needs):
            if lacking := [name for name in of_rows if not getattr(row, name)]:
                raise ValueError(f"the row {row.name!r} has no {lacking[0]!r}, which {self.measure!r} needs")
        for column in self.columns:
            if lacking := [name for name in of_columns if not getattr(column, name)]:
                raise ValueError(f"the column {column.name!r} has no {lacking[0]!r}, which {self.measure!r} needs")
        return self

    def tier_name(self, name: str) -> TierName:
        """Return the tier that a name means."""
        return next(known for known in self.tiers if known == resolve(name, self.tiers, "tier"))

    def tier(self, name: str) -> Tier:
        """Return a tier by name."""
        return self.tiers[self.tier_name(name)]


def target_of(text: str) -> Target:
    """Read the target that a name or a path means."""
    return read_toml(named_file(text, TARGETS, "target"), Target)


def target_names() -> list[str]:
    """List the targets that come with the program."""
    return names_in(TARGETS)


def deviations_of_claim(target: Target, tier: Tier, claim: Claim) -> tuple[str, ...]:
    """List what keeps a claim's cells from being the paper's."""
    named = [column for column in target.columns if column.name in (claim.larger[1], claim.smaller[1])]
    if is_ours(claim, target, tier):
        found = [(*target.deviations, *column.deviations) for column in named]
    else:
        found = [deviations_of(target, tier, column) for column in named]
    return tuple(dict.fromkeys(deviation for one in found for deviation in one))


def is_ours(claim: Claim, target: Target, tier: Tier) -> bool:
    """Return whether a claim is about a tier's own equal budgets, however short, rather than about the paper's."""
    return any(target.tiers.get(name) == tier for name in claim.shortened_on)


def deviations_of(target: Target, tier: Tier, column: TargetColumn) -> tuple[str, ...]:
    """List what keeps a column's numbers from being the paper's."""
    always = (*target.deviations, *column.deviations)
    return always if column.exact else (*always, *tier.deviations)


def overrides(*layers: Mapping[str, Setting]) -> dict[str, str]:
    """Lay settings over each other, the last on top, written as `--set` takes them."""
    return {name: text_of(value) for layer in layers for name, value in layer.items()}


def cells_of(target: Target) -> Sequence[tuple[TargetRow, TargetColumn]]:
    """List the cells in reading order."""
    return [(row, column) for row in target.rows for column in target.columns]
