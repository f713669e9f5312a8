"""Trackers: report runs to dashboards through five methods that anyone can write.

Each record has its curve whether or not there is a tracker. A tracker that fails is disabled with a warning, and no
run fails because of it.
"""

from __future__ import annotations

import ast
import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.runner.services import MLflow, WeightsAndBiases
from benchmark.store import Record
from objectives.foundation.loading import Kind
from objectives.foundation.names import quote
from objectives.foundation.table import find

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """A run that begins, or resumes from its checkpoint."""

    problem: str
    row: str
    seed: int
    key: str
    directory: Path  # of its record; a tracker may put its own files into a folder there
    identity: Mapping[str, Any]


class Tracker(Protocol):
    """Tracks one run; each run has its own tracker."""

    def start(self, run: Started) -> None:
        """Called when a run begins."""
        ...

    def step(self, iteration: int, values: Mapping[str, float]) -> None:
        """Called with the losses and gradients at one of a hundred iterations, at some of them cheap metrics too."""
        ...

    def samples(self, samples: NDArray[Any]) -> None:
        """Called with the samples [N, *data] of the final generator that are saved with the record."""
        ...

    def evaluation(self, scores: Mapping[str, float]) -> None:
        """Called with the final scores."""
        ...

    def end(self, record: Record | None) -> None:
        """Called when the run ends; the record is None if it was interrupted and can be resumed."""
        ...


class TensorBoard:
    """Writes a run's scalars and images for TensorBoard into its directory."""

    def start(self, run: Started) -> None:
        """Open the run's folder."""
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(run.directory / "tensorboard"))
        self._last = 0

    def step(self, iteration: int, values: Mapping[str, float]) -> None:
        """Add a point to each curve."""
        self._last = iteration
        for name, value in values.items():
            self._writer.add_scalar(f"training/{name}", value, iteration)

    def samples(self, samples: NDArray[Any]) -> None:
        """Add a sheet of images, or the points' coordinates as histograms."""
        from benchmark.runner.images import images_of, tiled

        images = images_of(samples[:64])
        if images is not None:
            sheet = tiled(images, 8)
            self._writer.add_image("samples", sheet, self._last, dataformats="HW" if sheet.ndim == 2 else "HWC")
        elif samples.ndim == 2 and samples.shape[1] <= 8:
            for at in range(samples.shape[1]):
                self._writer.add_histogram(f"samples/{at}", samples[:, at], self._last)

    def evaluation(self, scores: Mapping[str, float]) -> None:
        """Add the final scores at the last iteration."""
        for name, value in scores.items():
            self._writer.add_scalar(f"final/{name}", value, self._last)

    def end(self, record: Record | None) -> None:
        """Write the end state and close the file."""
        if record is not None:
            self._writer.add_text("end", record.end.state, self._last)
        self._writer.close()


METHODS = ("start", "step", "samples", "evaluation", "end")
TRACKERS: dict[str, Callable[[], Tracker]] = {"tensorboard": TensorBoard, "wandb": WeightsAndBiases, "mlflow": MLflow}
NEEDED = {name: name for name in TRACKERS}  # tracker -> package


def _is_tracker(value: Any) -> bool:
    return inspect.isclass(value) and all(callable(getattr(value, method, None)) for method in METHODS)


def _looks_right(node: ast.stmt) -> bool:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {one.name for one in body if isinstance(one, ast.FunctionDef)} >= set(METHODS)


def _checked(found: Any, name: str) -> Any:
    if not callable(found):
        raise UserError(f"{quote(name)} is not a tracker; write a class with the methods {', '.join(METHODS)}.")
    lacking = [method for method in METHODS if inspect.isclass(found) and not callable(getattr(found, method, None))]
    if lacking:
        raise UserError(f"The tracker {quote(name)} lacks {lacking[0]}; its methods are {', '.join(METHODS)}.")
    return found


TRACKER = Kind("tracker", "a tracker", "MyTracker", _is_tracker, _looks_right, _checked)


def tracker_of(name: str) -> Callable[[], Tracker]:
    """Return the class of a tracker: a known name, `module:Class`, `path/file.py:Class` or an installed plug-in."""
    maker: Callable[[], Tracker] = find(name, TRACKER, TRACKERS)
    needed = next((NEEDED[known] for known, one in TRACKERS.items() if one is maker and known in NEEDED), None)
    if needed is not None and find_spec(needed) is None:
        raise UserError(f"The tracker {name!r} needs a package: pip install {needed}.")
    return maker


class Trackers:
    """The trackers of a group's members; one that fails is disabled for all members.

    A member on record, None in `runs`, trains only to complete its group and is not reported.
    """

    def __init__(self, names: Sequence[str], runs: Sequence[Started | None]) -> None:
        self._runs = runs
        self._each: dict[str, list[Tracker | None]] = {}
        for name in names:
            try:
                maker = tracker_of(name)
                self._each[name] = [None if run is None else maker() for run in runs]
            except Exception as error:
                self._failed(name, error)

    def __enter__(self) -> Trackers:
        for member, run in enumerate(self._runs):
            self._call(member, "start", run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for member in range(len(self._runs)):
                self._call(member, "end", None)

    def step(self, iteration: int, values: Mapping[str, Sequence[float]]) -> None:
        """Report each member's finite values to its tracker."""
        for member in range(len(self._runs) if self._each else 0):
            own = {name: row[member] for name, row in values.items() if isfinite(row[member])}
            self._call(member, "step", iteration, own)

    def finish(self, member: int, samples: NDArray[Any], record: Record) -> None:
        """Report a member's samples, scores and end to its tracker."""
        scores = {name: score.value for name, score in record.scores.items()}
        self._call(member, "samples", samples)
        self._call(member, "evaluation", scores)
        self._call(member, "end", record)

    def _call(self, member: int, method: str, *arguments: Any) -> None:
        for name, trackers in list(self._each.items()):
            try:
                if trackers[member] is not None:
                    getattr(trackers[member], method)(*arguments)
            except Exception as error:
                self._failed(name, error)

    def _failed(self, name: str, error: Exception) -> None:
        self._each.pop(name, None)
        LOG.warning("The tracker %s failed and is disabled; the runs continue: %s", quote(name), quote(repr(error)))
