"""Cells about a grid search: the distribution of a score over settings drawn from a grid."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import prod

from benchmark.problems.files import MissingData
from benchmark.reproduce.histogram import histograms, outlines
from benchmark.reproduce.place import Exhibit, Measurement, Place, Plot
from benchmark.reproduce.runs import seconds_of
from benchmark.reproduce.target import Choices, Target, TargetColumn, TargetRow, Tier, overrides
from benchmark.reproduce.verdict import Measured
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.runner.suite import Setting
from benchmark.store import Record

SEED = 2017  # of the draw from the grid
NETWORK = "network."  # prefix of the network's settings


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Train once at each point drawn from a row's grid, and read the column's metric from the records.

    A cell's value for the i-th point is the score of that run. Failed runs have no score and are counted.
    """
    column = target.columns[0]
    metric = tier.metrics.get(column.name, column.metric or "")
    cells: dict[tuple[str, str], Measured] = {}
    trained: list[Record] = []
    for row in target.rows:
        try:
            runs = [_run(point, row, column, tier, place) for point in drawn(row.grid, tier.points)]
        except MissingData as missing:
            cells[row.name, column.name] = Measured(absent=str(missing))
            continue
        states = ["could not play" if run is None else run.end.state for run in runs]
        finished = {at: run for at, run in enumerate(runs) if run is not None and run.end.state == "ok"}
        cells[row.name, column.name] = Measured(
            {at: run.scores[metric].value for at, run in finished.items() if metric in run.scores},
            failed=[state for state in states if state != "ok"],
            absent=f"no metric {metric!r}",
        )
        trained += [run for run in runs if run is not None]
    values = {row: list(measured.values.values()) for (row, _), measured in cells.items()}
    seconds, bars, title = seconds_of(trained), histograms(values), f"Histogram of {column.name} over runs"
    if not bars:
        return Measurement(cells, seconds=seconds)
    plot = Plot("runs", title, column.name, "runs, %", outlines(values), {})
    return Measurement(cells, [Exhibit(f"{title} (number of runs)", bars)], [plot], seconds)


def drawn(grid: Mapping[str, Choices], points: int) -> list[dict[str, Setting]]:
    """Draw distinct points of a grid, always the same ones; all of them if it has no more."""
    size = prod(len(values) for values in grid.values())
    chosen = sorted(random.Random(SEED).sample(range(size), min(points, size)))
    return [_point(grid, number) for number in chosen]


def _point(grid: Mapping[str, Choices], number: int) -> dict[str, Setting]:
    point = {}
    for name, values in grid.items():
        number, at = divmod(number, len(values))
        point[name] = values[at]
    return point


def _run(point: Mapping[str, Setting], row: TargetRow, column: TargetColumn, tier: Tier, place: Place) -> Record | None:
    """Train one member at a point and return its record; None if the objective could not play."""
    assert column.problem is not None
    own = {name.removeprefix(NETWORK): value for name, value in point.items() if name.startswith(NETWORK)}
    others = {name: value for name, value in point.items() if not name.startswith(NETWORK)}
    network = "ebgan2017:" + ",".join(f"{name}={value}" for name, value in overrides(own).items())
    request = Request(
        problems=(tier.problems.get(column.problem, column.problem),),
        objectives=(row.objective or "",),
        seeds=(0,),
        overrides=overrides(row.settings, others, tier.settings),
        iterations=tier.iterations,
        evaluators=column.evaluators,
        network=tier.network or network,
        data_directory=place.data_directory,
        device=place.device,
        threads=place.threads,
    )
    found = execute(request, place.root, place.cache, place.progress).records
    return next((record for record in found if record.kind == "objective"), None)
