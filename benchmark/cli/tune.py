"""`gan-bench tune`: tune every objective with one budget, then compare the results on fresh seeds and data."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from benchmark.cli.ending import end
from benchmark.cli.options import (
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
from benchmark.cli.run_options import ExecutorName, GroupSize, Network, executor_of
from benchmark.cli.tune_text import finding_lines
from benchmark.leaderboard import tables
from benchmark.runner.paths import RESULTS


class SamplerName(StrEnum):
    """How the next settings are chosen."""

    RANDOM = "random"
    TPE = "tpe"
    QMC = "qmc"


class RangesName(StrEnum):
    """Search ranges."""

    DEFAULT = "default"
    WIDE = "wide"
    NARROW = "narrow"


def tune(
    objective: Annotated[
        list[str],
        typer.Option("--objective", "-o", help="An objective, such as ns or ns+r1; can be repeated."),
    ],
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="A problem; can be repeated. [default: ring]")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Trials per objective, the default settings first.")] = 32,
    sampler: Annotated[SamplerName, typer.Option(help="Sampler that chooses the next settings.")] = SamplerName.RANDOM,
    ranges: Annotated[
        RangesName, typer.Option(help="Search ranges: around the problem's settings, or those of Lucic et al. (2018).")
    ] = RangesName.DEFAULT,
    selection_seeds: Annotated[int, typer.Option(min=1, help="Number of runs per trial, on separate data.")] = 2,
    search_seed: Annotated[int, typer.Option(min=0, help="Seed of the search; another one draws other settings.")] = 0,
    metric: Annotated[str | None, typer.Option(help="Select by this metric. [default: the problem's first]")] = None,
    seeds: Annotated[str, typer.Option(help="Seeds of the reported runs: a number, a range or a list.")] = "5",
    budget: Annotated[
        str | None,
        typer.Option(help="Gradient evaluations of a reported run: quick, full, or a number. [default: quick]"),
    ] = None,
    trial_budget: Annotated[
        str | None, typer.Option(help="Gradient evaluations of a trial's run. [default: those of a reported run]")
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(min=1, help="Iterations at the shared settings, instead of a budget.")
    ] = None,
    network: Network = None,
    data_dir: DataDir = None,
    features: Features = None,
    weights: Weights = None,
    inception_weights: InceptionWeights = None,
    group_size: GroupSize = None,
    device: Device = "auto",
    threads: Threads = 1,
    executor: Annotated[
        ExecutorName, typer.Option(help="How to run: serial, or ray on all cores of this machine.")
    ] = ExecutorName.SERIAL,
    results: Results = RESULTS,
    json: Json = None,
) -> None:
    """Tune objectives with equal budgets and print the leaderboard of the best settings.

    Trials use separate seeds and data; the best setting of each objective then runs on the reported seeds and the
    problem's own data. An interrupted search resumes where it stopped. Requires Optuna (extra `tune`).
    """
    from benchmark.cli.progress import LiveProgress
    from benchmark.engine.host import resolve_device
    from benchmark.problems import network_file
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import Request, chosen_budget, parse_budget, parse_seeds
    from benchmark.tune.tune import tune as tuned_by
    from benchmark.tune.tuning import Tuning

    for name in [*objective, *(problem or []), *([] if metric is None else [metric])]:
        require_name(name)
    request = Request(
        problems=problem or ("ring",),
        objectives=objective,
        seeds=parse_seeds(seeds),
        budget=chosen_budget(budget, iterations) or "quick",
        iterations=iterations,
        network=network,
        data_directory=data_dir,
        features=network_file(features, weights, inception_weights),
        group_size=group_size,
        device=resolve_device(device),
        threads=threads,
    )
    tuning = Tuning(
        request,
        trials,
        sampler.value,
        ranges.value,
        selection_seeds,
        search_seed,
        metric,
        trial_budget=None if trial_budget is None else parse_budget(trial_budget),
    )
    with LiveProgress() as progress:
        found = tuned_by(tuning, results, cache_directory(), progress, executor_of(executor))
    built = tables(found.records)
    write_json(json, "tune", {"findings": [one.plain() for one in found.findings], "tables": built})
    say("\n".join(finding_lines(found.findings, screen_width())))
    emit_tables(built)
    say(f"records in {results}, those of trials in {results / 'tune'}")
    end(found.records, found.unfinished, found.faults)
