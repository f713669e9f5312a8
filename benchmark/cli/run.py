"""`gan-bench run`: train, evaluate, record, and print the leaderboard of the requested runs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from json import loads
from typing import TYPE_CHECKING, Annotated

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
from benchmark.errors import UserError
from benchmark.leaderboard import as_json, tables
from benchmark.runner.paths import RESULTS
from benchmark.runner.request import DEFAULT_PROBLEMS

if TYPE_CHECKING:
    from benchmark.runner.suite import Suite
    from benchmark.store import Record


class TrackName(StrEnum):
    """Which training settings are used."""

    SHARED = "shared"
    PAPER = "paper"


class ExecutorName(StrEnum):
    """How groups are run."""

    SERIAL = "serial"
    RAY = "ray"


def run(
    objective: Annotated[
        list[str] | None,
        typer.Option("--objective", "-o", help="An objective, such as ns or ebgan:margin=2; can be repeated."),
    ] = None,
    suite: Annotated[
        str | None,
        typer.Option(help="A suite, or the path of a TOML file; command-line options override it."),
    ] = None,
    problem: Annotated[
        list[str] | None,
        typer.Option("--problem", "-p", help="A problem; can be repeated. [default: ring, grid, digits]"),
    ] = None,
    seeds: Annotated[str | None, typer.Option(help="Number of seeds, or which: 10, 3:7, 0:3,17. [default: 5]")] = None,
    track: Annotated[
        TrackName | None,
        typer.Option(help="The problem's settings, or those of each objective's paper. [default: shared]"),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change settings of the objective or of training: gamma=2,batch=64."),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(help="Run a setting at several values: r1.gamma=0.1,1,10; repeat for all combinations."),
    ] = None,
    network: Annotated[str | None, typer.Option(help="Networks to use instead of the problem's.")] = None,
    data_dir: DataDir = None,
    features: Features = None,
    weights: Weights = None,
    inception_weights: InceptionWeights = None,
    evaluator: Annotated[
        list[str] | None,
        typer.Option(help="Also use this evaluator, such as manifold; can be repeated."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="Gradient evaluations per run: quick, full, or a number. [default: quick]"),
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Iterations per run, instead of a budget.")] = None,
    group_size: Annotated[int | None, typer.Option(min=1, help="Number of members that train as one program.")] = None,
    device: Device = "auto",
    threads: Threads = 1,
    compile_: Annotated[bool, typer.Option("--compile", help="Use torch.compile; on a GPU with CUDA graphs.")] = False,
    tf32: Annotated[bool, typer.Option("--tf32", help="Allow TF32 matrix products on a GPU.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Use only bit-reproducible operations.")
    ] = False,
    executor: Annotated[ExecutorName, typer.Option(help="Run groups in series or as Ray tasks.")] = ExecutorName.SERIAL,
    address: Annotated[
        str | None, typer.Option(help="Address of a Ray cluster. [default: start Ray on this machine]")
    ] = None,
    cpus_per_group: Annotated[
        float | None, typer.Option(min=0.0, help="With Ray: CPUs of a group. [default: --threads]")
    ] = None,
    gpus_per_group: Annotated[float, typer.Option(min=0.0, help="With Ray: GPUs per group, may be a fraction.")] = 0.0,
    max_retries: Annotated[int, typer.Option(min=0, max=1000, help="With Ray: retries after a worker is lost.")] = 3,
    checkpoint_seconds: Annotated[float, typer.Option(min=0.0, help="Seconds between checkpoints.")] = 30.0,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Save a picture of samples and curves with each record.")
    ] = True,
    keep_generators: Annotated[
        bool,
        typer.Option("--keep-generators", help="Save the generator's weights of each new run with its record."),
    ] = False,
    log_to: Annotated[
        list[str] | None,
        typer.Option(
            "--log-to", help="Also log to a tracker: tensorboard, wandb, mlflow or file.py:MyTracker; can be repeated."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print planned and existing runs and a time estimate, without running.")
    ] = False,
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
    from benchmark.runner.executors import Executor, Serial
    from benchmark.runner.forecast import foresee
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.ray_executor import RayExecutor
    from benchmark.runner.request import Request, parse_budget, parse_seeds, parse_settings
    from benchmark.runner.run import execute
    from benchmark.runner.sweep import parse_sweeps

    if budget is not None and iterations is not None:
        raise UserError("Use only one of --budget and --iterations.")
    asked = _asked(suite, objective or [])
    request = Request(
        problems=problem or asked.problems,
        objectives=objective or asked.games,
        seeds=parse_seeds(asked.seeds if seeds is None else seeds),
        track=track.value if track is not None else asked.track,
        overrides=asked.overrides | parse_settings(set_ or []),
        sweep=asked.swept | parse_sweeps(sweep or []),
        budget=asked.budget if budget is None else parse_budget(budget),
        iterations=iterations if budget is not None else iterations or asked.iterations,
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
        network=asked.network if network is None else network,
        data_directory=data_dir,
        features=network_file(features, weights, inception_weights),
        evaluators=tuple(evaluator or asked.evaluators),
    )
    workers: Executor = Serial()
    if executor is ExecutorName.RAY:
        workers = RayExecutor(address, cpus_per_group, gpus_per_group, max_retries)
    if dry_run:
        forecast = foresee(request, results, cache_directory())
        write_json(json, "run --dry-run", forecast.plain())
        say("\n".join(forecast_lines(forecast, screen_width())))
        return
    with LiveProgress() as progress:
        outcome = execute(request, results, cache_directory(), progress, workers)
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


def _asked(suite: str | None, objectives: Sequence[str]) -> Suite:
    """Return the requested suite, or a suite of the given objectives."""
    from benchmark.runner.suite import Suite, suite_of

    if suite is not None:
        require_name(suite)
        return suite_of(suite)
    if objectives:
        return Suite(problems=DEFAULT_PROBLEMS, objectives=tuple(objectives), budget="quick")
    raise UserError("Name an objective, such as --objective ns, or a suite, such as --suite standard.")
