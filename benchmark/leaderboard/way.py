"""The way from the untrained generator to the oracle, along which scores of all problems are measured."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """The ends of the way by one metric, untrained and oracle; for a distance both are logarithms."""

    metric: str
    start: float
    end: float
    logarithmic: bool

    def share(self, value: float) -> float:
        """Return how much of the way a score has gone: 0 at the untrained generator, 1 at the oracle."""
        moved = math.log(value) if self.logarithmic else value
        return (moved - self.start) / (self.end - self.start)
