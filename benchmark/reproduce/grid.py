"""Cells about a grid search: the distribution of a score over settings drawn from a grid."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import prod

import torch

from benchmark.errors import UserError
from benchmark.problems import problem_of
from benchmark.problems.files import MissingData
from benchmark.reproduce.histogram import histograms, outlines
from benchmark.reproduce.place import Exhibit, Measurement, Place, Plot
from benchmark.reproduce.target import Choices, Target, TargetRow, Tier, overrides
from benchmark.reproduce.verdict import Measured
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.runner.suite import Setting
from benchmark.store import SAMPLES, Record, directory_of, read_samples
from evaluators import modified_inception_score
from evaluators.truth import Extractor
from objectives.foundation.names import quote

SEED = 2017  # of the draw from the grid
NETWORK = "network."  # settings that begin so are the network's own


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Train once at each point drawn from a row's grid, and score the samples kept of each run by I'.

    A column's value for the i-th point is I' of that run; runs that failed have none and are counted.
    """
    column = target.columns[0]
    assert column.problem is not None
    name = tier.problems.get(column.problem, column.problem)
    try:
        data = problem_of(name).configured(None, place.data_directory).load(place.cache)
    except MissingData as missing:
        return Measurement({(row.name, column.name): Measured(absent=str(missing)) for row in target.rows})
    extractor = data.truth.extractor
    if extractor is None or extractor.probabilities is None:
        raise UserError(f"I' needs a problem with a classifier, and {quote(name)} has none.")
    cells: dict[tuple[str, str], Measured] = {}
    for row in target.rows:
        points = drawn(row.grid, tier.points)
        runs = [_run(point, row, name, tier, place) for point in points]
        scored = [score(record, place, extractor) for record in runs]
        cells[row.name, column.name] = Measured(
            {at: value for at, value in enumerate(scored) if value is not None},
            failed=[
                "not played" if run is None else run.end.state for run in runs if run is None or run.end.state != "ok"
            ],
        )
    values = {row: list(measured.values.values()) for (row, _), measured in cells.items()}
    bars, title = histograms(values), f"runs by {column.name}"
    if not bars:
        return Measurement(cells)
    plot = Plot("runs", title, column.name, "runs", outlines(values), {})
    return Measurement(cells, [Exhibit(title, bars)], [plot])


def drawn(grid: Mapping[str, Choices], points: int) -> list[dict[str, Setting]]:
    """Draw points of a grid without repetition, the same for everyone; all of them where it has no more."""
    size = prod(len(values) for values in grid.values())
    chosen = sorted(random.Random(SEED).sample(range(size), min(points, size)))
    return [_point(grid, number) for number in chosen]


def _point(grid: Mapping[str, Choices], number: int) -> dict[str, Setting]:
    point = {}
    for name, values in grid.items():
        number, at = divmod(number, len(values))
        point[name] = values[at]
    return point


def _run(point: Mapping[str, Setting], row: TargetRow, problem: str, tier: Tier, place: Place) -> Record | None:
    """Train one member at a point and give its record; None where the objective could not play."""
    own = {name.removeprefix(NETWORK): value for name, value in point.items() if name.startswith(NETWORK)}
    others = {name: value for name, value in point.items() if not name.startswith(NETWORK)}
    network = "ebgan2017:" + ",".join(f"{name}={value}" for name, value in overrides(own).items())
    request = Request(
        problems=(problem,),
        objectives=(row.objective or "",),
        seeds=(0,),
        overrides=overrides(row.settings, others, tier.settings),
        iterations=tier.iterations,
        network=tier.network or network,
        data_directory=place.data_directory,
        device=place.device,
        threads=place.threads,
    )
    found = execute(request, place.root, place.cache, place.progress).records
    return next((record for record in found if record.kind == "objective"), None)


def score(record: Record | None, place: Place, extractor: Extractor) -> float | None:
    """Return I' of a run's kept samples; None where it failed."""
    if record is None or record.end.state != "ok":
        return None
    assert extractor.probabilities is not None
    path = directory_of(place.root, record) / SAMPLES
    try:
        samples = torch.tensor(read_samples(path))
    except (OSError, ValueError) as error:
        raise UserError(f"I' needs the samples kept at {quote(path)}, which cannot be read: {error}.") from error
    return modified_inception_score(extractor.probabilities(samples)).value
