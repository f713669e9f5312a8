"""Statistics over seeds, in numpy and scipy.special alone; no draw without a generator that the caller gives."""

from __future__ import annotations

from benchmark.stats.intervals import Interval, Mean, mean_interval, wilson

__all__ = ["Interval", "Mean", "mean_interval", "wilson"]
