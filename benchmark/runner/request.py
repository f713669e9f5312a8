"""What a user requests, and how its texts are parsed: seeds, budgets and settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from benchmark.errors import UserError
from objectives.foundation.names import quote, unknown_name
from objectives.foundation.settings import read_settings

if TYPE_CHECKING:  # a suite is read without torch
    from benchmark.networks import Architecture
    from benchmark.problems import NetworkFile
    from evaluators.truth import Evaluator
    from objectives import Objective

Track = Literal["shared", "paper"]
AMOUNTS = ("quick", "full")
Amount = Literal["quick", "full"] | int  # the problem's quick budget, its full one, or gradient evaluations
DEFAULT_PROBLEMS = ("ring", "grid", "digits")
MOST_SEEDS = 100_000  # a typo should not plan for a day
MOST = {
    "iterations": 10**9,
    "budget": 10**12,
    "group_size": 10**6,
    "threads": 1024,
}  # a typo should get an error, not run for years


@dataclass(frozen=True)
class Request:
    """Problems x objectives x seeds, and changes to the problems' shared settings."""

    problems: Sequence[object]  # names, or anything that `benchmark.problems.as_problem` accepts
    objectives: Sequence[str | Objective]
    seeds: Sequence[int]
    track: Track = "shared"
    overrides: Mapping[str, str] = field(default_factory=dict)
    sweep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # each value of a setting, all combinations
    budget: Amount = "quick"  # gradient evaluations of a run
    iterations: int | None = None  # instead of a budget
    rungs: tuple[int, ...] = ()  # iterations at which runs are scored too, in place of fractions of their budget
    group_size: int | None = None  # instead of the problem's
    device: str = "cpu"
    threads: int = 1
    compiled: bool = False  # hand steps to torch's compiler
    tf32: bool = False  # on GPUs
    deterministic: bool = False  # refuse operations whose sums have no fixed order
    checkpoint_seconds: float = 30.0
    pictures: bool = False  # a PNG beside each record
    keep_generators: bool = False  # their weights beside each record
    log_to: tuple[str, ...] = ()  # trackers
    network: str | Architecture | None = None  # instead of the problems'
    data_directory: Path | None = None  # searched first
    features: NetworkFile | None = None  # its network judges images, instead of the problems' own classifiers
    evaluators: tuple[str | Evaluator, ...] = ()  # besides the problems' own

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is None or (name == "budget" and value in AMOUNTS):
                continue
            if not isinstance(value, int) or not 1 <= value <= most:
                what = name.replace("_", " ").capitalize()
                raise UserError(f"{what} must be 1 to {most:,}, not {quote(str(value))}.")
        if self.track not in get_args(Track):
            raise unknown_name("track", str(self.track), get_args(Track))
        if any(rung < 1 for rung in self.rungs):
            raise UserError(f"A rung must be an iteration, 1 or more, not {quote(str(min(self.rungs)))}.")
        for name in self.sweep:
            if name in self.overrides:
                raise UserError(f"The setting {quote(name)} is both set and swept; name it once.")
        if self.data_directory is not None and not self.data_directory.is_dir():
            raise UserError(f"There is no data directory {quote(self.data_directory)}.")

    @property
    def arithmetic(self) -> dict[str, Any]:
        """Return the settings that affect rounding, which are part of every identity."""
        kind = self.device.split(":")[0]
        switches = {name: True for name in ("compiled", "tf32", "deterministic") if getattr(self, name)}
        return {"dtype": "float32", "backend": kind, "threads": self.threads} | switches


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read `10` (ten seeds from 0), `3:7` (3 to 6), or a list of both, `0:3,17`."""
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(?:(\d{1,9})\s*:)?\s*(\d{1,9})\s*", part)
        if match is None:
            raise UserError(f"Seeds must be a number, a range first:end or a list of these, not {quote(text)}.")
        first, end = int(match[1] or 0), int(match[2])
        if "," in text and match[1] is None:
            first, end = end, end + 1  # in a list a lone number is that seed
        if not 0 < end - first <= MOST_SEEDS:
            raise UserError(f"Seeds {quote(part)} name {max(end - first, 0)} seeds; 1 to {MOST_SEEDS} are possible.")
        seeds += range(first, end)
    if len(set(seeds)) < len(seeds):
        raise UserError(f"Seeds {quote(text)} name a seed twice.")
    return tuple(seeds)


def parse_budget(text: str) -> Amount:
    """Read `quick`, `full` or a number of gradient evaluations."""
    word = text.strip().casefold()
    words: dict[str, Amount] = {"quick": "quick", "full": "full"}
    if word in words:
        return words[word]
    if re.fullmatch(r"[1-9]\d{0,11}", word) is None:
        raise UserError(f"A budget must be quick, full or a number of gradient evaluations, not {quote(text)}.")
    return int(word)


def chosen_budget(budget: Amount | str | None, iterations: int | None) -> Amount | None:
    """Return the budget that a user set, if any; raise UserError for one together with a number of iterations."""
    if budget is not None and iterations is not None:
        raise UserError("Set either a budget or a number of iterations, not both.")
    return None if budget is None else parse_budget(str(budget))


def parse_settings(texts: Sequence[str]) -> dict[str, str]:
    """Read the values of `--set`, `name=value,name=value`."""
    return read_settings(",".join(texts), "--set")
