"""`gan-bench run`: train, evaluate, record, and print the leaderboard of what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from json import loads
from typing import TYPE_CHECKING, Annotated

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
from benchmark.errors import UserError
from benchmark.leaderboard import as_json, tables

if TYPE_CHECKING:
    from benchmark.runner.suite import Suite
    from benchmark.store import Record

DEFAULT_PROBLEMS = ("ring", "grid", "digits")


class TrackName(StrEnum):
    """Whose training settings."""

    SHARED = "shared"
    PAPER = "paper"


class ExecutorName(StrEnum):
    """Who does the work."""

    SERIAL = "serial"
    RAY = "ray"


def run(
    objective: Annotated[
        list[str] | None,
        typer.Option("--objective", "-o", help="An objective, such as ns or ebgan:margin=2; repeat for more."),
    ] = None,
    suite: Annotated[
        str | None,
        typer.Option(help="A suite, or the path of a TOML file: what it says holds where no option says otherwise."),
    ] = None,
    problem: Annotated[
        list[str] | None,
        typer.Option("--problem", "-p", help="A problem; repeat for more. [default: ring, grid, digits]"),
    ] = None,
    seeds: Annotated[str | None, typer.Option(help="How many seeds, or which: 10, 3:7, 0:3,17. [default: 5]")] = None,
    track: Annotated[
        TrackName | None,
        typer.Option(help="The problem's settings for all, or each objective's own paper's. [default: shared]"),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change settings, of the objective or of training: gamma=2,batch=64."),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(help="Run a setting at several values: r1.gamma=0.1,1,10; repeat for all combinations."),
    ] = None,
    network: Annotated[str | None, typer.Option(help="A pair of networks, instead of the problem's.")] = None,
    data_dir: DataDir = None,
    features: Features = None,
    weights: Weights = None,
    inception_weights: InceptionWeights = None,
    evaluator: Annotated[
        list[str] | None,
        typer.Option(help="Judge by an evaluator that the problem has not, such as manifold; repeat for more."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="Gradient evaluations of each run: quick, full, or their number. [default: quick]"),
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Iterations of each run, instead of a budget.")] = None,
    group_size: Annotated[int | None, typer.Option(min=1, help="Members that train as one program.")] = None,
    device: Device = "auto",
    threads: Threads = 1,
    compile_: Annotated[
        bool, typer.Option("--compile", help="Hand steps to torch's compiler; on a GPU as CUDA graphs.")
    ] = False,
    tf32: Annotated[bool, typer.Option("--tf32", help="Let a GPU round products' factors to 10 bits.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Use only operations that give the same bits at every run.")
    ] = False,
    executor: Annotated[ExecutorName, typer.Option(help="Who does the work.")] = ExecutorName.SERIAL,
    address: Annotated[
        str | None, typer.Option(help="Address of a Ray cluster; without it one of this machine.")
    ] = None,
    cpus_per_group: Annotated[float | None, typer.Option(min=0.0, help="With Ray. [default: --threads]")] = None,
    gpus_per_group: Annotated[float, typer.Option(min=0.0, help="With Ray; may be a fraction.")] = 0.0,
    max_retries: Annotated[int, typer.Option(min=0, max=1000, help="With Ray: tries after a lost worker.")] = 3,
    checkpoint_seconds: Annotated[float, typer.Option(min=0.0, help="Seconds between checkpoints.")] = 30.0,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Draw samples and curves of each run beside its record.")
    ] = True,
    keep_generators: Annotated[
        bool,
        typer.Option("--keep-generators", help="Keep the weights of each generator trained now beside its record."),
    ] = False,
    log_to: Annotated[
        list[str] | None,
        typer.Option(
            "--log-to", help="Tell a tracker too: tensorboard, wandb, mlflow or file.py:MyTracker; repeat for more."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be run, what is found and how long it may take.")
    ] = False,
    results: Results = RESULTS,
    json: Json = None,
) -> None:
    """Train objectives on problems over seeds and print the leaderboard.

    What is on record already is not run again.
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
    from benchmark.runner.trackers import tracker_of

    for name in log_to or []:
        tracker_of(name)  # a slip is told now, not after the training
    if budget is not None and iterations is not None:
        raise UserError("A run has a budget or a number of iterations; give one of --budget and --iterations.")
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
    say(f"{trained} runs made, {outcome.found} found on record; records in {results}")
    if request.budget == "quick" and request.iterations is None:
        note_quick(request.problems, outcome.records)
    end(outcome.records, outcome.unfinished, outcome.faults)


def note_quick(problems: Sequence[object], records: Sequence[Record]) -> None:
    """Say that a first look settles no order, and how long the whole budget takes here by what these runs took."""
    from benchmark.problems import problem_of

    budgets = [problem_of(problem).budget for problem in problems]
    shares = {budget.gradient_evaluations / budget.quick for budget in budgets}
    if max(shares) == 1.0:
        return
    seconds = sum(record.compute.get("seconds", 0.0) for record in records)
    minutes = max(1, round(seconds * max(shares) / 60.0))
    say(
        f"A first look: the order is not settled at this budget. --budget full takes about {minutes} "
        f"minute{'s' if minutes > 1 else ''} here."
    )


def _asked(suite: str | None, objectives: Sequence[str]) -> Suite:
    """Read the suite that is asked for, or make one of the objectives alone."""
    from benchmark.runner.suite import Suite, suite_of

    if suite is not None:
        require_name(suite)
        return suite_of(suite)
    if objectives:
        return Suite(problems=DEFAULT_PROBLEMS, objectives=tuple(objectives), budget="quick")
    raise UserError("Name an objective, such as --objective ns, or a suite, such as --suite standard.")
