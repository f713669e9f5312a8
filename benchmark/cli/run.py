"""`gan-bench run`: train, evaluate, record, and print the leaderboard of the requested runs."""

from __future__ import annotations

from collections.abc import Sequence
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli import run_options as options
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
from benchmark.errors import UserError
from benchmark.leaderboard import as_json, tables
from benchmark.runner.paths import RESULTS
from benchmark.runner.request import DEFAULT_PROBLEMS

if TYPE_CHECKING:
    from benchmark.runner.request import Request
    from benchmark.runner.run import Outcome
    from benchmark.runner.suite import Suite
    from benchmark.store import Record


def run(
    objective: options.Objectives = None,
    suite: options.SuiteName = None,
    problem: options.Problems = None,
    seeds: options.Seeds = None,
    track: options.Track = None,
    set_: options.Settings = None,
    sweep: options.Sweeps = None,
    network: options.Network = None,
    data_dir: DataDir = None,
    features: Features = None,
    weights: Weights = None,
    inception_weights: InceptionWeights = None,
    evaluator: options.Evaluators = None,
    budget: options.RunBudget = None,
    iterations: options.Iterations = None,
    group_size: options.GroupSize = None,
    device: Device = "auto",
    threads: Threads = 1,
    compile_: options.Compile = False,
    tf32: options.TF32 = False,
    deterministic: options.Deterministic = False,
    executor: options.ExecutorOption = options.ExecutorName.SERIAL,
    address: options.Address = None,
    cpus_per_group: options.CpusPerGroup = None,
    gpus_per_group: options.GpusPerGroup = 0.0,
    max_retries: options.MaxRetries = 3,
    checkpoint_seconds: options.CheckpointSeconds = 30.0,
    pictures: options.Pictures = True,
    keep_generators: options.KeepGenerators = False,
    log_to: options.LogTo = None,
    dry_run: options.DryRun = False,
    results: Results = RESULTS,
    json: Json = None,
) -> None:
    """Train objectives on problems over seeds and print the leaderboard.

    Existing runs are reused.
    """
    from benchmark.cli.forecast_text import forecast_lines
    from benchmark.cli.progress import LiveProgress
    from benchmark.engine.host import resolve_device
    from benchmark.problems import network_file
    from benchmark.runner.forecast import foresee
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import parse_settings
    from benchmark.runner.run import execute
    from benchmark.runner.sweep import parse_sweeps

    typed = _typed(objective, problem, seeds, track, network, evaluator, budget, iterations)
    asked = _asked(suite, objective or [])
    request = asked.request(
        **typed,
        overrides=asked.overrides | parse_settings(set_ or []),
        sweep=asked.swept | parse_sweeps(sweep or []),
        group_size=group_size,
        device=resolve_device(device),
        threads=threads,
        compiled=compile_,
        tf32=tf32,
        deterministic=deterministic,
        checkpoint_seconds=checkpoint_seconds,
        pictures=pictures,
        keep_generators=keep_generators,
        log_to=tuple(log_to or ()),
        data_directory=data_dir,
        features=network_file(features, weights, inception_weights),
    )
    workers = options.executor_of(executor, address, cpus_per_group, gpus_per_group, max_retries)
    if dry_run:
        forecast = foresee(request, results, cache_directory())
        write_json(json, "run --dry-run", forecast.plain())
        say("\n".join(forecast_lines(forecast, screen_width())))
        return
    with LiveProgress() as progress:
        outcome = execute(request, results, cache_directory(), progress, workers)
    _print(outcome, request, results, json)


def _typed(
    objective: list[str] | None,
    problem: list[str] | None,
    seeds: str | None,
    track: options.TrackName | None,
    network: str | None,
    evaluator: list[str] | None,
    budget: str | None,
    iterations: int | None,
) -> dict[str, Any]:
    """Return the fields of a request that were typed and replace those of a suite."""
    from benchmark.runner.request import chosen_budget, parse_seeds

    amount = chosen_budget(budget, iterations)
    fields = {
        "objectives": objective or None,
        "problems": problem or None,
        "seeds": None if seeds is None else parse_seeds(seeds),
        "track": None if track is None else track.value,
        "network": network,
        "evaluators": tuple(evaluator or ()) or None,
        "budget": amount,
        "iterations": iterations,
    }
    typed = {name: value for name, value in fields.items() if value is not None}
    return typed if amount is None else typed | {"iterations": None}  # also without those of the suite


def _asked(suite: str | None, objectives: Sequence[str]) -> Suite:
    """Return the requested suite, or a suite of the given objectives."""
    from benchmark.runner.suite import Suite, suite_of

    if suite is not None:
        require_name(suite)
        return suite_of(suite)
    if objectives:
        return Suite(problems=DEFAULT_PROBLEMS, objectives=tuple(objectives), budget="quick")
    raise UserError("Name an objective, such as --objective ns, or a suite, such as --suite standard.")


def _print(outcome: Outcome, request: Request, results: Path, json: Path | None) -> None:
    """Print the leaderboard of the requested runs and what became of them; exit with 3 if any is missing."""
    built = tables(outcome.records)
    emit_tables(built)
    trained = len(outcome.records) - outcome.found
    counts = {"made": trained, "found": outcome.found, "unfinished": outcome.unfinished}
    write_json(json, "run", counts | {"faults": list(outcome.faults), "leaderboard": loads(as_json(built))})
    say(f"{trained} new runs, {outcome.found} on record; records in {results}")
    if request.budget == "quick" and request.iterations is None:
        note_quick(request.problems, outcome.records)
    end(outcome.records, outcome.unfinished, outcome.faults)


def note_quick(problems: Sequence[object], records: Sequence[Record]) -> None:
    """Note that a short run settles no order, and estimate the time of the whole budget from these runs."""
    from benchmark.problems import problem_of

    budgets = [problem_of(problem).budget for problem in problems]
    shares = {budget.gradient_evaluations / budget.quick for budget in budgets}
    if max(shares) == 1.0:
        return
    seconds = sum(record.compute.get("seconds", 0.0) for record in records)
    minutes = max(1, round(seconds * max(shares) / 60.0))
    say(
        f"This is a short run: the order is not settled at this budget. --budget full takes about {minutes} "
        f"minute{'s' if minutes > 1 else ''} here."
    )
