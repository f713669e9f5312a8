"""Curves and samples of runs; files that cannot be read are skipped and listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.store.curve import Curve, read_curve
from benchmark.store.files import Unreadable
from benchmark.store.paths import CURVE, SAMPLES, directory_of
from benchmark.store.record import Record
from benchmark.store.samples import read_samples

ABSENT = (FileNotFoundError, NotADirectoryError)  # published runs have a record alone


class Kept:
    """The curves and samples under a directory, and the damaged ones among those read."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._damaged: dict[Path, str] = {}

    @property
    def damaged(self) -> list[Unreadable]:
        """List the damaged files in order, and why each could not be read."""
        return [Unreadable(path, reason) for path, reason in sorted(self._damaged.items())]

    def samples(self, record: Record) -> NDArray[Any] | None:
        """Return the samples [N, *data] of a run in double precision; None if there are none that can be read."""
        path = directory_of(self.root, record) / SAMPLES
        try:
            return read_samples(path).astype(np.float64)
        except ABSENT:
            return None
        except (OSError, ValueError) as error:
            self.report(path, error)
            return None

    def curve(self, record: Record, wanted: Sequence[str] = (), every: int = 1) -> Curve:
        """Return the curve of a run, as `read_curve` does; an empty one if there is none that can be read."""
        path = directory_of(self.root, record) / CURVE
        try:
            found = read_curve(path, wanted, every)
        except ABSENT:
            return Curve((), 0)
        except OSError as error:
            self.report(path, error)
            return Curve((), 0)
        if found.bad_lines:
            self.report(path, ValueError(f"lines that are not points: {found.bad_lines}; the others are used"))
        return found

    def report(self, path: Path, error: Exception) -> None:
        """Add a file to the damaged ones."""
        self._damaged[path] = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
