"""A target: a paper's table as data, and what we run for each cell."""

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

# Fields that a measurement requires of every row and of every column.
NEEDED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "runs": ((), ("problem", "metric")),
    "dirac": (("objective",), ("metric",)),
    "densities": (("p", "q"), ("metric",)),
    "grid": (("objective", "grid"), ("problem", "metric")),
    "tuning": (("objective",), ("problem", "metric")),
}


class Stated(Strict):
    """What a paper reports in one cell: a number, possibly with its standard error, or a word."""

    value: float | str
    error: float | None = Field(default=None, gt=0)  # a standard error
    deviation: float | None = Field(default=None, gt=0)  # standard deviation of single runs: shown, not judged
    single: bool = False  # from one run, so it varies as much as one run of ours
    note: str = ""  # for example "from memory"


class TargetColumn(Strict):
    """A column: its metric, its problem, and the tolerance within which it agrees with the paper."""

    name: str
    table: str = ""  # title of the paper's table that it belongs to, where there are several
    problem: str | None = None
    metric: str | None = None
    network: str | None = None
    settings: Mapping[str, Setting] = {}
    unit: str = ""  # of its numbers
    scale: float = 1.0  # factor of our number: 100 where the paper prints per cent
    equals: float | None = None  # share of runs whose metric has this value: each run gives 1 or 0
    iterations: int | None = Field(default=None, ge=1)  # at most
    points: int | None = Field(default=None, ge=1)  # training points of a generated problem
    samples: int | None = Field(default=None, ge=1)  # scored per run, instead of the problem's number
    evaluators: tuple[str, ...] = Field(default=(), strict=False)  # in addition to the problem's
    tolerance: float | None = Field(default=None, ge=0)  # in the paper's unit
    tiers: tuple[TierName, ...] = Field(default=TIERS, strict=False)  # that run it
    deviations: tuple[str, ...] = Field(default=(), strict=False)  # on every tier
    exact: bool = False  # independent of the budget, so a tier's deviations do not apply
    because: str = ""  # reason for the tolerance, or for having none


class TargetRow(Strict):
    """A row: a model of the paper, and the objective or control that stands for it here, if any."""

    name: str
    objective: str | None = None
    control: str | None = None
    settings: Mapping[str, Setting] = {}
    network: str | None = None  # instead of the column's
    epochs: int | None = Field(default=None, ge=1)  # at most
    against: str | None = None  # the row that this one changes in one respect
    slope: float | None = None  # of the Dirac-GAN's local theory, if it applies
    damping: float = 0.0
    p: Normals = Field(default=(), strict=False)  # density of the data; q is the generator's
    q: Normals = Field(default=(), strict=False)
    grid: Mapping[str, Choices] = {}  # values of each setting; network settings begin with `network.`
    paper: Mapping[str, Stated] = {}  # by column
    needs: str = ""  # what a row that is not run would need


class Claim(Strict):
    """A statement that one cell is larger than another."""

    text: str
    larger: tuple[str, str] = Field(strict=False)  # row, column
    smaller: tuple[str, str] = Field(strict=False)
    shortened_on: tuple[TierName, ...] = Field(default=(), strict=False)  # tiers on which it is our claim
    paired: bool = True  # by seed


class Curve(Strict):
    """A column's metric at the ends of epochs."""

    column: str
    label: str  # the metric and its unit
    epoch: int = Field(ge=1)  # in iterations
    epochs: tuple[int, ...] = Field(strict=False, min_length=1)


class Tier(Strict):
    """How much of the protocol is run; a tier's deviations make its numbers not comparable with the paper's."""

    expected: str  # time and machine
    seeds: int = Field(default=5, ge=1)
    iterations: int | None = Field(default=None, ge=1)
    epoch: int | None = Field(default=None, ge=1)  # in iterations, instead of the curve's
    settings: Mapping[str, Setting] = {}
    problems: Mapping[str, str] = {}  # substitutes by problem
    metrics: Mapping[str, str] = {}  # substitutes by column
    network: str | None = None  # substitute for every network
    steps: int = Field(default=500, ge=1)  # of the Dirac-GAN
    batch: int = Field(default=1024, ge=1)  # of a critic on known densities
    points: int = Field(default=16, ge=1)  # of a grid
    trials: int = Field(default=8, ge=1)  # of a search
    searched: tuple[str, ...] = Field(default=(), strict=False)  # rows of a search; empty for all
    cells: tuple[Annotated[tuple[str, str], Field(strict=False)], ...] = Field(default=(), strict=False)  # or all
    deviations: tuple[str, ...] = Field(default=(), strict=False)


class Target(Strict):
    """A target file."""

    title: str
    paper: str  # authors, year, arXiv, table
    about: str  # what the paper did, and what we do
    measure: Literal["runs", "dirac", "densities", "grid", "tuning"] = "runs"
    error: str = ""  # what the paper's ± means
    stated_by: str = "the paper"  # its values, in sentences
    headline: tuple[Annotated[tuple[str, str], Field(strict=False)], ...] = Field(default=(), strict=False)  # cells
    curve: Curve | None = None
    keep_generators: bool = False  # save the weights beside each record
    settings: Mapping[str, Setting] = {}  # of all rows that train
    stated_only: bool = False  # run only cells for which the paper reports a value
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
                raise ValueError(f"the row {row.name!r} has a value for {sorted(strange)[0]!r}, which is not a column")
        for row in self.rows:
            if row.against is not None and row.against not in rows - {row.name}:
                raise ValueError(f"the row {row.name!r} is compared against {row.against!r}, which is not another row")
            if self.curve is None and (row.against is not None or row.epochs is not None):
                raise ValueError(f"the row {row.name!r} uses epochs, but the target has no curve")
        if self.curve is not None and self.curve.column not in columns:
            raise ValueError(f"the curve uses {self.curve.column!r}, which is not a column")
        for place in self.headline:
            if place[0] not in rows or place[1] not in columns:
                raise ValueError(f"the headline names {place}, which is not a cell")
        for claim in self.claims:
            for place in (claim.larger, claim.smaller):
                if place[0] not in rows or place[1] not in columns:
                    raise ValueError(f"a claim compares {place}, which is not a cell")
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
                raise ValueError(f"the tier {name!r} runs {unknown[0]}, which is not a cell")
            if strange := set(tier.searched) - rows:
                raise ValueError(f"the tier {name!r} searches {sorted(strange)[0]!r}, which is not a row")
            if (tier.problems or tier.metrics or tier.network) and not (self.deviations or tier.deviations):
                raise ValueError(f"the tier {name!r} has a substitute problem, metric or network but no deviation")
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
        """Return the tier that a name refers to."""
        return next(known for known in self.tiers if known == resolve(name, self.tiers, "tier"))

    def tier(self, name: str) -> Tier:
        """Return a tier by name."""
        return self.tiers[self.tier_name(name)]


def target_of(text: str) -> Target:
    """Read the target that a name or a path refers to."""
    return read_toml(named_file(text, TARGETS, "target"), Target)


def target_names() -> list[str]:
    """List the targets that come with the program."""
    return names_in(TARGETS)


def deviations_of_claim(target: Target, tier: Tier, claim: Claim) -> tuple[str, ...]:
    """List the deviations from the paper that concern a claim's cells."""
    named = [column for column in target.columns if column.name in (claim.larger[1], claim.smaller[1])]
    if is_ours(claim, target, tier):
        found = [(*target.deviations, *column.deviations) for column in named]
    else:
        found = [deviations_of(target, tier, column) for column in named]
    return tuple(dict.fromkeys(deviation for one in found for deviation in one))


def is_ours(claim: Claim, target: Target, tier: Tier) -> bool:
    """Return whether a claim concerns a tier's own equal budgets, however short, rather than the paper's."""
    return any(target.tiers.get(name) == tier for name in claim.shortened_on)


def deviations_of(target: Target, tier: Tier, column: TargetColumn) -> tuple[str, ...]:
    """List the deviations from the paper that concern a column's numbers."""
    always = (*target.deviations, *column.deviations)
    return always if column.exact else (*always, *tier.deviations)


def overrides(*layers: Mapping[str, Setting]) -> dict[str, str]:
    """Merge settings, later ones overriding earlier ones, in the form that `--set` takes."""
    return {name: text_of(value) for layer in layers for name, value in layer.items()}


def cells_of(target: Target) -> Sequence[tuple[TargetRow, TargetColumn]]:
    """List the cells in reading order."""
    return [(row, column) for row in target.rows for column in target.columns]
