"""How samples are scored on a problem: evaluators, columns and features, as one replaceable value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.problems.data import Data
from evaluators.truth import Evaluator, Extractor

Extracting = Callable[[Data, Path], Extractor]  # data and cache -> extractor


@dataclass(frozen=True)
class Judging:
    """The evaluators of a problem, the leaderboard's columns, and the frozen features that evaluators see."""

    evaluators: Mapping[str, int]  # evaluator -> number of generator samples
    headline: tuple[str, ...]  # the leaderboard's columns; the first one ranks
    watched: tuple[str, ...] = ()  # evaluators cheap enough to run during training
    at_rungs: tuple[str, ...] | None = None  # evaluators of a run's rungs, where not all are cheap enough
    further: Mapping[str, Evaluator] = field(default_factory=dict)  # those that the user added
    extractor: Extracting | None = None
    notes: tuple[str, ...] = ()  # what a user should know of the scores

    @property
    def rung_counts(self) -> dict[str, int]:
        """Return the evaluators of a run's rungs with their numbers of samples."""
        counts = self.counts
        return counts if self.at_rungs is None else {name: counts[name] for name in (*self.at_rungs, *self.further)}

    @property
    def counts(self) -> dict[str, int]:
        """Return all evaluators of a run with their numbers of samples; what a user asked for sees the largest one."""
        most = max(self.evaluators.values(), default=0)
        return dict(self.evaluators) | dict.fromkeys(self.further, most)

    @property
    def sources(self) -> dict[str, str]:
        """Return the digests of user-defined evaluators, recorded with their numbers of samples."""
        return {f"{name} source": one.source for name, one in self.further.items() if one.source is not None}
