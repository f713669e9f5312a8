"""Search spaces: the values over which a hyper-parameter is tuned, and their source.

The presets `wide` and `narrow` are the ranges of "Are GANs created equal?" (Lucic et al., 2018, arXiv:1711.10337) as
its code samples them. For settings the study did not have, the ranges are ours: it searches its penalties'
λ = 10 over [0.1, 100] and over [0.1, 10], so every other weight goes from a hundredth of its default up to ten times
its default, or up to the default itself. Fields that turn an objective into another game (targets, smoothing,
powers) are not tuned; they belong in the spelling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

DIGITS = 4  # significant digits of a searched value, so that settings can be read and retyped


@dataclass(frozen=True)
class Span:
    """An interval of real numbers, searched uniformly or log-uniformly."""

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high < math.inf or (self.log and self.low <= 0.0):
            raise ValueError(f"a span needs low < high, positive if logarithmic, got '{self.low}' and '{self.high}'")

    def around(self, centre: float) -> Span:
        """Return the span in units of another number, such as a default."""
        return Span(self.low * centre, self.high * centre, self.log)

    def rounded(self, value: float) -> float:
        """Round to a few significant digits, within the span."""
        return min(self.high, max(self.low, float(f"{value:.{DIGITS}g}")))


@dataclass(frozen=True)
class Choice:
    """A few values; a single one is fixed."""

    options: tuple[float | int, ...]


Domain: TypeAlias = Span | Choice


def decades(low: float, high: float) -> Span:
    """Return 10^U[low, high], as the study writes it."""
    return Span(10.0**low, 10.0**high, log=True)


@dataclass(frozen=True)
class Searched:
    """How one field of an objective or of a wrapper is tuned."""

    wide: Domain
    narrow: Domain
    source: str
    relative: bool = False  # spans are in units of the value at which the search starts

    def domain(self, ranges: str, start: float) -> Domain:
        """Return the domain of a preset, for a field whose value is `start` before the search."""
        domain = self.narrow if ranges == "narrow" else self.wide
        return domain.around(start) if self.relative and isinstance(domain, Span) and start > 0.0 else domain


STUDY = "Lucic et al., 2018"
OURS = "ours, in the study's spirit"

STUDY_WEIGHT = Searched(decades(-1, 2), decades(-1, 1), STUDY)  # λ of WGAN-GP and DRAGAN, 10 by default


def weight(default: float) -> Searched:
    """Search a weight as the study searches λ, over the same factors of its default."""
    wide, narrow = Span(0.01, 10.0, log=True), Span(0.01, 1.0, log=True)
    return Searched(wide.around(default), narrow.around(default), OURS)


SCALE = Searched(Span(0.1, 10.0, log=True), Span(1 / 3, 3.0, log=True), OURS, relative=True)  # of margins and noise
