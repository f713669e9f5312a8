"""Trackers: what other people's dashboards are told of a run, through five methods that anyone can write.

The curve beside each record is always written and is what leaderboards read; a tracker only listens. One that fails
is left alone from then on, which is said once, and no run fails for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from math import isfinite
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Protocol

from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.names import resolve, shown
from benchmark.store import Record

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """A run that begins, or goes on from its checkpoint."""

    problem: str
    row: str
    seed: int
    key: str
    directory: Path  # of its record; a tracker may put its own files into a folder there
    identity: Mapping[str, Any]


class Tracker(Protocol):
    """Listens to one run; each run has its own."""

    def start(self, run: Started) -> None:
        """Hear that a run begins."""
        ...

    def step(self, iteration: int, values: Mapping[str, float]) -> None:
        """Hear the losses and gradients at one of a hundred iterations, at some of them cheap metrics too."""
        ...

    def samples(self, samples: NDArray[Any]) -> None:
        """See the samples [N, *data] that are kept of the final generator."""
        ...

    def evaluation(self, scores: Mapping[str, float]) -> None:
        """Hear the final scores."""
        ...

    def end(self, record: Record | None) -> None:
        """Hear how the run ended; None: it was interrupted and will go on another time."""
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
        """Say how it ended and close the file."""
        if record is not None:
            self._writer.add_text("end", record.end.state, self._last)
        self._writer.close()


TRACKERS: dict[str, Callable[[], Tracker]] = {"tensorboard": TensorBoard}
NEEDED = {"tensorboard": "tensorboard"}  # tracker -> package


def tracker_of(name: str) -> Callable[[], Tracker]:
    """Return the maker of a tracker: a known name, `module:Class` or `path/file.py:Class`."""
    if ":" in name:
        return _outside(name)
    name = resolve(name, TRACKERS, "tracker")
    if find_spec(NEEDED[name]) is None:
        raise UserError(f"The tracker {name!r} needs a package: pip install {NEEDED[name]}.")
    return TRACKERS[name]


def _outside(name: str) -> Callable[[], Tracker]:
    place, _, attribute = name.rpartition(":")
    try:
        module = _file(Path(place)) if place.endswith(".py") else import_module(place)
        maker: Callable[[], Tracker] = getattr(module, attribute)
    except Exception as error:
        raise UserError(f"Cannot use the tracker {shown(name)}: {shown(str(error))}.") from error
    return maker


def _file(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Trackers:
    """The trackers of a group's members, guarded: whichever fails is silent from then on, for all members.

    None stands for a member on record, which trains for its company alone and of which nothing is told.
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
            self._tell(member, "start", run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for member in range(len(self._runs)):
                self._tell(member, "end", None)

    def step(self, iteration: int, values: Mapping[str, Sequence[float]]) -> None:
        """Tell every member's tracker its own values; what is not finite is left out."""
        for member in range(len(self._runs) if self._each else 0):
            own = {name: row[member] for name, row in values.items() if isfinite(row[member])}
            self._tell(member, "step", iteration, own)

    def finish(self, member: int, samples: NDArray[Any], record: Record) -> None:
        """Tell a member's tracker its samples, its scores and its end."""
        scores = {name: score.value for name, score in record.scores.items()}
        self._tell(member, "samples", samples)
        self._tell(member, "evaluation", scores)
        self._tell(member, "end", record)

    def _tell(self, member: int, method: str, *told: Any) -> None:
        for name, trackers in list(self._each.items()):
            try:
                if trackers[member] is not None:
                    getattr(trackers[member], method)(*told)
            except Exception as error:
                self._failed(name, error)

    def _failed(self, name: str, error: Exception) -> None:
        self._each.pop(name, None)
        LOG.warning("The tracker %s failed and is left alone; the runs go on: %s", shown(name), shown(repr(error)))
