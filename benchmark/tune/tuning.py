"""The request of a search: objectives, number of trials, ranges and sampler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from benchmark.errors import UserError
from benchmark.runner.request import Amount, Request

Ranges = Literal["default", "wide", "narrow"]
Sampler = Literal["random", "tpe", "qmc"]

SELECTION_SEED = 1_000_000  # trials take seeds from here on; a leaderboard's seeds stay below


@dataclass(frozen=True)
class Tuning:
    """A search for each objective of a request, then the request itself with the settings found.

    The request's seeds and budget are those of the reported runs. Its iterations, if given, are those of the problem's
    shared settings; they set the budget in gradient evaluations, and settings with more critic steps make fewer
    iterations. Trials have the same budget, unless `trial_budget` says otherwise.
    """

    request: Request
    trials: int = 32  # of each objective; the first one is the default
    sampler: Sampler = "random"
    ranges: Ranges = "default"
    selection_seeds: int = 2  # runs of each trial
    search_seed: int = 0  # of the settings that are drawn
    metric: str | None = None  # to select by; None: the problem's first
    trial_budget: Amount | None = None  # gradient evaluations of a trial's runs; None: as the reported runs

    def __post_init__(self) -> None:
        if self.trials < 1 or self.selection_seeds < 1:
            raise UserError(
                f"A search needs at least one trial and one seed, not {self.trials} and {self.selection_seeds}."
            )
        if self.trial_budget is not None and self.request.iterations is not None:
            raise UserError("Set either iterations or a trial budget, not both.")
        if not all(seed < SELECTION_SEED for seed in self.request.seeds):
            raise UserError(f"Seeds from {SELECTION_SEED} on are reserved for trials; use smaller ones for reporting.")

    @property
    def seeds(self) -> tuple[int, ...]:
        """List the seeds of each trial."""
        return tuple(range(SELECTION_SEED, SELECTION_SEED + self.selection_seeds))

    def searched(self, metric: str, trial_gradients: int) -> dict[str, Any]:
        """Return what must be equal for two tuned rows to share a table."""
        budget = {} if self.trial_budget is None else {"trial_gradient_evaluations": trial_gradients}
        return budget | {
            "trials": self.trials,
            "sampler": self.sampler,
            "ranges": self.ranges,
            "selection_seeds": self.selection_seeds,
            "metric": metric,
        }
