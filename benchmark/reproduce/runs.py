"""Cells that are metrics of benchmark runs."""

from __future__ import annotations

from benchmark.problems.files import MissingData
from benchmark.reproduce.place import Measurement, Place
from benchmark.reproduce.target import Target, TargetColumn, TargetRow, Tier, cells_of, overrides
from benchmark.reproduce.verdict import Measured
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.store import Record


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Run what each cell needs, every request once, and read the metrics off the records."""
    found: dict[str, tuple[Record, ...] | str] = {}
    cells: dict[tuple[str, str], Measured] = {}
    for row, column in cells_of(target):
        request = request_for(row, column, tier, place)
        if request is None:
            cells[row.name, column.name] = Measured(absent=f"needs {row.needs or 'what stands for it here'}")
            continue
        key = repr(request)
        if key not in found:
            found[key] = _records(request, place)
        metric = tier.metrics.get(column.name, column.metric or "")
        cells[row.name, column.name] = _measured(found[key], row, metric, column.scale)
    return Measurement(cells)


def request_for(row: TargetRow, column: TargetColumn, tier: Tier, place: Place) -> Request | None:
    """Build the request behind a cell, for controls alone if none trains; None where nothing stands for the row."""
    if column.problem is None or (row.objective is None and row.control is None):
        return None
    trains = row.objective is not None
    return Request(
        problems=(tier.problems.get(column.problem, column.problem),),
        objectives=(row.objective,) if row.objective is not None else (),
        seeds=tuple(range(tier.seeds)),
        overrides=overrides(column.settings, row.settings, tier.settings) if trains else {},
        iterations=tier.iterations,
        network=tier.network or column.network,
        data_directory=place.data_directory,
        device=place.device,
        threads=place.threads,
    )


def _records(request: Request, place: Place) -> tuple[Record, ...] | str:
    """Run a request; what lacks its data gives the reason."""
    try:
        return execute(request, place.root, place.cache, place.progress).records
    except MissingData as missing:
        return str(missing)


def _measured(records: tuple[Record, ...] | str, row: TargetRow, metric: str, scale: float) -> Measured:
    if isinstance(records, str):
        return Measured(absent=records)
    wanted = [record for record in records if _is_of(record, row)]
    if not wanted:
        missing = "could not play" if row.control is None else f"the problem has no control {row.control!r}"
        return Measured(absent=missing)
    finished = [record for record in wanted if record.end.state == "ok"]
    values = {record.seed: scale * record.scores[metric].value for record in finished if metric in record.scores}
    failed = [record.end.state for record in wanted if record.end.state != "ok"]
    reasons = [record.absent.get(metric, f"no metric {metric!r} on {record.problem}") for record in finished]
    return Measured(values, failed=failed, absent="" if values or failed else next(iter(reasons), ""))


def _is_of(record: Record, row: TargetRow) -> bool:
    return record.kind == "objective" if row.objective is not None else record.row == row.control
