"""What is asked for: which objectives, how many trials, over which ranges, by which sampler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from benchmark.errors import UserError
from benchmark.runner.request import Request

Ranges = Literal["default", "wide", "narrow"]
Sampler = Literal["random", "tpe", "qmc"]

SELECTION_SEED = 1_000_000  # trials take seeds from here on; a leaderboard's seeds stay below


@dataclass(frozen=True)
class Tuning:
    """A search for each objective of a request, and then the request itself with what was found.

    The request's seeds are those of the report. Its iterations, where it has some, are those of the problem's shared
    settings; they set the budget in gradient evaluations, and settings with more critic steps make fewer iterations.
    """

    request: Request
    trials: int = 32  # of each objective; the first one is the default
    sampler: Sampler = "random"
    ranges: Ranges = "default"
    selection_seeds: int = 2  # runs of each trial
    search_seed: int = 0  # another one draws other settings
    metric: str | None = None  # instead of the problem's first

    def __post_init__(self) -> None:
        if self.trials < 1 or self.selection_seeds < 1:
            raise UserError(
                f"A search takes a trial and a seed at least, not {self.trials} and {self.selection_seeds}."
            )
        if not all(seed < SELECTION_SEED for seed in self.request.seeds):
            raise UserError(f"Seeds from {SELECTION_SEED} on are those of trials; report on seeds below.")

    @property
    def seeds(self) -> tuple[int, ...]:
        """List the seeds of each trial."""
        return tuple(range(SELECTION_SEED, SELECTION_SEED + self.selection_seeds))

    def searched(self, metric: str) -> dict[str, Any]:
        """Return what must be equal for two tuned rows to stand in one table."""
        return {
            "trials": self.trials,
            "sampler": self.sampler,
            "ranges": self.ranges,
            "selection_seeds": self.selection_seeds,
            "metric": metric,
        }
