"""The contract of trackers: its five methods accept what a run passes, and leave process state unchanged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmark.catalogue.contracts.attempt import Seen, attempt
from benchmark.runner.trackers import Started, Tracker
from objectives.foundation.process import left_alone
from objectives.laws.result import LawResult

CALLS = "start, step, samples, evaluation and end are called in turn"


def check_tracker(make: Callable[[], Tracker], cache: Path) -> list[LawResult]:
    """Return the laws of a tracker: a run that ends, and one that is interrupted."""
    return [
        attempt("a run", CALLS, partial(_run, make, interrupted=False)),
        attempt("an interruption", "`end` is called with None", partial(_run, make, interrupted=True)),
    ]


def _run(make: Callable[[], Tracker], *, interrupted: bool) -> Seen:
    with TemporaryDirectory() as folder, left_alone("It"):
        tracker = make()
        tracker.start(Started("ring", "ns", 0, "0" * 16, Path(folder), {}))
        for iteration in (1, 2):
            tracker.step(iteration, {"critic loss": 0.5, "generator loss": 0.7})
        if not interrupted:
            tracker.samples(np.zeros((4, 2), dtype=np.float32))
            tracker.evaluation({"modes": 8.0})
        tracker.end(None)
    return "no exception, and process state is unchanged", True
