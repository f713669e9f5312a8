"""`gan-bench tune`: search every objective with one budget, then compare what was found on fresh seeds and data."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from benchmark.cli.ending import end
from benchmark.cli.options import (
    RESULTS,
    DataDir,
    Device,
    Features,
    InceptionWeights,
    Json,
    Results,
    Threads,
    Weights,
    require_name,
)
from benchmark.cli.output import emit_tables, say, screen_width, write_json
from benchmark.cli.run import ExecutorName
from benchmark.cli.tune_text import finding_lines
from benchmark.leaderboard import tables


class SamplerName(StrEnum):
    """Who chooses the next settings."""

    RANDOM = "random"
    TPE = "tpe"
    QMC = "qmc"


class RangesName(StrEnum):
    """Over which ranges."""

    DEFAULT = "default"
    WIDE = "wide"
    NARROW = "narrow"


def tune(
    objective: Annotated[
        list[str],
        typer.Option("--objective", "-o", help="An objective, such as ns or ns+r1; repeat for more."),
    ],
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="A problem; repeat for more. [default: ring]")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Settings tried for each objective, its default first.")] = 32,
    sampler: Annotated[SamplerName, typer.Option(help="Who chooses the next settings.")] = SamplerName.RANDOM,
    ranges: Annotated[
        RangesName, typer.Option(help="Around the problem's settings, or those of the 2018 study by Lucic et al.")
    ] = RangesName.DEFAULT,
    selection_seeds: Annotated[int, typer.Option(min=1, help="Runs of each trial, on data for selection.")] = 2,
    search_seed: Annotated[int, typer.Option(min=0, help="Another one draws other settings.")] = 0,
    metric: Annotated[str | None, typer.Option(help="Select by this metric. [default: the problem's first]")] = None,
    seeds: Annotated[str, typer.Option(help="Seeds of the report: how many, or which.")] = "5",
    iterations: Annotated[
        int | None, typer.Option(min=1, help="Iterations at the shared settings, instead of the problem's budget.")
    ] = None,
    network: Annotated[str | None, typer.Option(help="A pair of networks, instead of the problem's.")] = None,
    data_dir: DataDir = None,
    features: Features = None,
    weights: Weights = None,
    inception_weights: InceptionWeights = None,
    group_size: Annotated[int | None, typer.Option(min=1, help="Members that train as one program.")] = None,
    device: Device = "auto",
    threads: Threads = 1,
    executor: Annotated[
        ExecutorName, typer.Option(help="Who does the work; Ray takes all cores of this machine.")
    ] = ExecutorName.SERIAL,
    results: Results = RESULTS,
    json: Json = None,
) -> None:
    """Tune objectives with equal budgets and print the leaderboard of what was found.

    Trials have their own seeds and their own data; the best setting of each objective then runs on the report's seeds
    and the problem's own data. An interrupted search goes on where it was. It needs Optuna: the extra `tune`.
    """
    from benchmark.cli.progress import LiveProgress
    from benchmark.engine.host import resolve_device
    from benchmark.problems import network_file
    from benchmark.runner.executors import Executor, Serial
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.ray_executor import RayExecutor
    from benchmark.runner.request import Request, parse_seeds
    from benchmark.tune.tune import tune as tuned_by
    from benchmark.tune.tuning import Tuning

    for name in [*objective, *(problem or []), *([] if metric is None else [metric])]:
        require_name(name)
    request = Request(
        problems=problem or ("ring",),
        objectives=objective,
        seeds=parse_seeds(seeds),
        iterations=iterations,
        network=network,
        data_directory=data_dir,
        features=network_file(features, weights, inception_weights),
        group_size=group_size,
        device=resolve_device(device),
        threads=threads,
    )
    tuning = Tuning(request, trials, sampler.value, ranges.value, selection_seeds, search_seed, metric)
    workers: Executor = RayExecutor() if executor is ExecutorName.RAY else Serial()
    with LiveProgress() as progress:
        found = tuned_by(tuning, results, cache_directory(), progress, workers)
    built = tables(found.records)
    write_json(json, "tune", {"findings": [one.plain() for one in found.findings], "tables": built})
    say("\n".join(finding_lines(found.findings, screen_width())))
    emit_tables(built)
    say(f"records in {results}, those of trials in {results / 'tune'}")
    end(found.records, found.unfinished)
