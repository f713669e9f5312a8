"""From values to places on an axis, and the ticks that make the axis readable."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

WIDE = 30.0  # ratio of positive values from which an axis is logarithmic
FAR = 6.0  # interquartile ranges beyond the quartiles at which an axis ends; what lies beyond stands at its edge


@dataclass(frozen=True)
class Scale:
    """An axis from low to high, linear or logarithmic."""

    low: float
    high: float
    logarithmic: bool = False

    @classmethod
    def of(cls, values: Iterable[float], *, may_be_logarithmic: bool = True, wide: float = WIDE) -> Scale:
        """Choose an axis for values; a single outlier must not compress all others."""
        known = sorted(value for value in values if math.isfinite(value))
        if not known:
            return cls(0.0, 1.0)
        logarithmic = may_be_logarithmic and known[0] > 0 and known[-1] / known[0] > wide
        moved = [math.log10(value) for value in known] if logarithmic else known
        first, third = moved[len(moved) // 4], moved[(3 * len(moved)) // 4]
        low, high = moved[0], moved[-1]
        if third > first:
            low, high = max(low, first - FAR * (third - first)), min(high, third + FAR * (third - first))
        margin = 0.04 * (high - low) or 0.1 * abs(high) or 0.5
        return cls(low - margin, high + margin, logarithmic)

    def place(self, value: float) -> float:
        """Return a value's place in [0, 1]; values beyond an end are at the end."""
        if self.logarithmic:
            value = math.log10(value) if value > 0 else -math.inf
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def ticks(self, count: int = 4) -> list[float]:
        """Return about this number of round values along the axis."""
        if self.logarithmic and self.high - self.low > 1.0:
            step = max(1, round((self.high - self.low) / count))
            return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1, step)]
        low, high = (10**self.low, 10**self.high) if self.logarithmic else (self.low, self.high)
        rough = (high - low) / max(1, count)
        unit = 10 ** math.floor(math.log10(rough))
        step = next((unit * factor for factor in (1, 2, 5) if unit * factor >= rough), unit * 10)
        return [round(at * step, 12) for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def tick_text(value: float) -> str:
    """Write a tick's value as briefly as possible."""
    return (
        f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
        if value and not 1e-3 <= abs(value) < 1e5
        else f"{value:g}"
    )
