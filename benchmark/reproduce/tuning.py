"""Cells that are the best of an equal-budget search, rerun on fresh seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.leaderboard.text import number
from benchmark.problems import network_file
from benchmark.problems.files import MissingData
from benchmark.reproduce.place import Exhibit, Line, Measurement, Place, Plot
from benchmark.reproduce.runs import seconds_of
from benchmark.reproduce.target import Target, TargetColumn, Tier, overrides
from benchmark.reproduce.verdict import Measured
from benchmark.runner.request import Request
from benchmark.store import Record
from benchmark.tune.tune import Finding, Tuned, tune
from benchmark.tune.tuning import Tuning

SHOWN = (1, 2, 4, 8, 16, 32, 64, 100)  # numbers of trials in tables and plots of quality against budget


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Tune every row's objective on every column's problem with one budget, and read the report's runs."""
    cells: dict[tuple[str, str], Measured] = {}
    exhibits: list[Exhibit] = []
    plots: list[Plot] = []
    records: list[Record] = []
    wanted = tier.searched or [row.name for row in target.rows]
    rows = {row.name: row.objective for row in target.rows if row.objective is not None and row.name in wanted}
    for column in target.columns:
        metric = tier.metrics.get(column.name, column.metric or "")
        for row in target.rows:
            why = f"needs {row.needs}" if row.objective is None else "not part of this tier"
            cells[row.name, column.name] = Measured(absent=why)
        found = _tuned(list(rows.values()), column, metric, tier, place)
        if isinstance(found, str):
            cells |= {(name, column.name): Measured(absent=found) for name in rows}
            continue
        records += found.records
        records += [one for search in found.findings for trial in search.trials for one in trial.records]
        findings = {finding.spec: finding for finding in found.findings}
        named = {row: findings[spec] for row, spec in rows.items() if spec in findings}
        cells |= {(row, column.name): Measured(failed=["could not play"]) for row in rows}
        cells |= {(row, column.name): _measured(found, one.objective, metric) for row, one in named.items()}
        title = f"{column.name}: {metric} on selection data, expected best of k trials"
        exhibits += [Exhibit(title, _curves(named))] if named else []
        plots += [_plot(named, title, metric, f"budget-{len(plots) + 1}")] if named else []
    return Measurement(cells, exhibits, plots, seconds_of(records))


def _tuned(specs: Sequence[str], column: TargetColumn, metric: str, tier: Tier, place: Place) -> Tuned | str:
    """Search and report; return the reason if data or the metric's network are missing."""
    assert column.problem is not None
    if metric == "fid" and place.inception_weights is None:
        return "needs the FID Inception network: --inception-weights PATH"
    request = Request(
        problems=(tier.problems.get(column.problem, column.problem),),
        objectives=specs,
        seeds=tuple(range(tier.seeds)),
        overrides=overrides(column.settings, tier.settings),
        iterations=tier.iterations,
        network=tier.network or column.network,
        data_directory=place.data_directory,
        features=network_file(None, None, place.inception_weights if metric == "fid" else None),
        device=place.device,
        threads=place.threads,
    )
    tuning = Tuning(request, trials=tier.trials, ranges="wide", selection_seeds=1, metric=metric)
    try:
        return tune(tuning, place.root, place.cache, place.progress)
    except MissingData as missing:
        return str(missing)


def _measured(found: Tuned, label: str, metric: str) -> Measured:
    runs = [record for record in found.records if record.row == label]
    finished = [record for record in runs if record.end.state == "ok"]
    return Measured(
        {record.seed: record.scores[metric].value for record in finished if metric in record.scores},
        failed=[record.end.state for record in runs if record.end.state != "ok"],
    )


def _plot(findings: Mapping[str, Finding], title: str, metric: str, name: str) -> Plot:
    """Plot quality against budget, a line with a 95 % band for each row."""
    lines = []
    for row, finding in findings.items():
        best = [finding.curve[k - 1] for k in SHOWN if k <= len(finding.curve)]
        bounds = [(one.interval.low, one.interval.high) if one.interval else (one.value, one.value) for one in best]
        lines.append(Line(row, [(one.k, one.value) for one in best], band=bounds))
    return Plot(name, title, "trials", metric, lines, {}, log=True)


def _curves(findings: Mapping[str, Finding]) -> list[list[str]]:
    """Write quality against budget, a line for each number of trials."""
    curves = [finding.curve for finding in findings.values()]
    lines = [["k", *findings]]
    for k in (k for k in SHOWN if k <= max(map(len, curves))):
        cells = [number(curve[k - 1].value) if k <= len(curve) else "–" for curve in curves]
        lines.append([str(k), *cells])
    return lines
