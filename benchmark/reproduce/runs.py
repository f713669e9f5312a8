"""Cells that are metrics of benchmark runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from benchmark.problems import Problem, problem_of
from benchmark.problems.files import MissingData
from benchmark.problems.generated import Generated
from benchmark.reproduce.along import Course, course_of, exhibits, length, plot, rungs
from benchmark.reproduce.place import Measurement, Place
from benchmark.reproduce.rescored import exhibit_of
from benchmark.reproduce.target import Target, TargetColumn, TargetRow, Tier, cells_of, overrides
from benchmark.reproduce.verdict import Measured
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.store import Record

UNDEFINED = "metric undefined"  # on a finished run, while it is defined on others


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Run every request behind the cells once, and read the metrics from the records."""
    found: dict[str, tuple[Record, ...] | str] = {}
    cells: dict[tuple[str, str], Measured] = {}
    courses: dict[str, Course] = {}
    trained: dict[str, list[Record]] = {}
    for row, column in cells_of(target):
        if target.stated_only and column.name not in row.paper:
            continue
        if tier.cells and (row.name, column.name) not in tier.cells:
            cells[row.name, column.name] = Measured(absent="not part of this tier")
            continue
        request = request_for(row, column, target, tier, place)
        if request is None:
            cells[row.name, column.name] = Measured(absent=f"needs {row.needs or 'an objective or a control'}")
            continue
        key = repr(request)
        if key not in found:
            found[key] = _records(request, place)
        metric = tier.metrics.get(column.name, column.metric or "")
        cells[row.name, column.name] = _measured(found[key], row, metric, column)
        if target.curve is not None and column.name == target.curve.column and row.objective is not None:
            records = found[key]
            trained[row.name] = [one for one in records if _is_of(one, row)] if not isinstance(records, str) else []
            courses[row.name] = course_of(trained[row.name], metric, length(target.curve, tier))
    seconds = seconds_of(record for records in found.values() if not isinstance(records, str) for record in records)
    if target.curve is None:
        return Measurement(cells, seconds=seconds)
    drawn = plot(courses, target)
    shown = [*exhibits(courses, target), *exhibit_of(place.root, trained)]
    return Measurement(cells, shown, [drawn] if drawn else [], seconds)


def seconds_of(records: Iterable[Record]) -> float | None:
    """Return the training time of runs, each counted once; None if none was trained."""
    known = {record.key: float(record.compute["seconds"]) for record in records if "seconds" in record.compute}
    return sum(known.values()) if known else None


def request_for(row: TargetRow, column: TargetColumn, target: Target, tier: Tier, place: Place) -> Request | None:
    """Return the request behind a cell, of controls alone if the row is one; None if the row cannot be run."""
    if column.problem is None or (row.objective is None and row.control is None):
        return None
    trains = row.objective is not None
    return Request(
        problems=(problem_for(column, tier),),
        objectives=(row.objective,) if row.objective is not None else (),
        seeds=tuple(range(tier.seeds)),
        overrides=overrides(target.settings, column.settings, row.settings, tier.settings) if trains else {},
        iterations=iterations_of(row, column, target, tier) if trains else tier.iterations,
        rungs=rungs(target.curve, tier) if trains and target.curve else (),
        keep_generators=target.keep_generators,
        evaluators=column.evaluators,
        network=tier.network or row.network or column.network,
        data_directory=place.data_directory,
        device=place.device,
        threads=place.threads,
    )


def problem_for(column: TargetColumn, tier: Tier) -> str | Problem:
    """Return a column's problem, with the column's numbers of points and samples if given."""
    assert column.problem is not None
    name = tier.problems.get(column.problem, column.problem)
    if column.points is None and column.samples is None:
        return name
    problem = problem_of(name)
    if column.points is not None and isinstance(problem.source, Generated):
        problem = replace(problem, source=replace(problem.source, points=column.points))
    if column.samples is not None:
        counts = dict.fromkeys(problem.judging.evaluators, column.samples)
        problem = replace(problem, judging=replace(problem.judging, evaluators=counts))
    return problem


def iterations_of(row: TargetRow, column: TargetColumn, target: Target, tier: Tier) -> int | None:
    """Return the iterations of a cell on a tier: the tier's, or fewer if the row or the column allows fewer."""
    of_row = None if target.curve is None or row.epochs is None else row.epochs * length(target.curve, tier)
    return min((most for most in (tier.iterations, column.iterations, of_row) if most is not None), default=None)


def _records(request: Request, place: Place) -> tuple[Record, ...] | str:
    """Run a request and return its records, or the reason if its data are missing."""
    try:
        return execute(request, place.root, place.cache, place.progress).records
    except MissingData as missing:
        return str(missing)


def _measured(records: tuple[Record, ...] | str, row: TargetRow, metric: str, column: TargetColumn) -> Measured:
    if isinstance(records, str):
        return Measured(absent=records)
    wanted = [record for record in records if _is_of(record, row)]
    if not wanted:
        missing = "could not play" if row.control is None else f"the problem has no control {row.control!r}"
        return Measured(absent=missing)
    finished = [record for record in wanted if record.end.state == "ok"]
    scored = {record.seed: record.scores[metric].value for record in finished if metric in record.scores}
    if column.equals is not None:
        scored = {seed: float(value == column.equals) for seed, value in scored.items()}
    values = {seed: column.scale * value for seed, value in scored.items()}
    failed: list[str] = [record.end.state for record in wanted if record.end.state != "ok"]
    failed += [UNDEFINED] * (len(finished) - len(values)) if values else []
    reasons = [record.absent.get(metric, f"no metric {metric!r} on {record.problem}") for record in finished]
    return Measured(values, failed=failed, absent="" if values or failed else next(iter(reasons), ""))


def _is_of(record: Record, row: TargetRow) -> bool:
    return record.kind == "objective" if row.objective is not None else record.row == row.control
