"""Options of the commands that train: `run`, `tune` and, where they are the same, others."""

from __future__ import annotations

from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import UserError

if TYPE_CHECKING:
    from benchmark.runner.executors import Executor


class TrackName(StrEnum):
    """Which training settings are used."""

    SHARED = "shared"
    PAPER = "paper"


class ExecutorName(StrEnum):
    """How groups are run."""

    SERIAL = "serial"
    RAY = "ray"


Objectives = Annotated[
    list[str] | None,
    typer.Option("--objective", "-o", help="An objective, such as ns or ebgan:margin=2; can be repeated."),
]
SuiteName = Annotated[
    str | None, typer.Option("--suite", help="A suite, or the path of a TOML file; command-line options override it.")
]
Problems = Annotated[
    list[str] | None,
    typer.Option("--problem", "-p", help="A problem; can be repeated. [default: ring, grid, digits]"),
]
Seeds = Annotated[str | None, typer.Option(help="Number of seeds, or which: 10, 3:7, 0:3,17. [default: 5]")]
Track = Annotated[
    TrackName | None, typer.Option(help="The problem's settings, or those of each objective's paper. [default: shared]")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change settings of the objective or of training: gamma=2,batch=64."),
]
Sweeps = Annotated[
    list[str] | None,
    typer.Option("--sweep", help="Run a setting at several values: r1.gamma=0.1,1,10; repeat for all combinations."),
]
Network = Annotated[str | None, typer.Option(help="Networks to use instead of the problem's.")]
Evaluators = Annotated[
    list[str] | None,
    typer.Option("--evaluator", help="Also use this evaluator, such as manifold; can be repeated."),
]
RunBudget = Annotated[
    str | None,
    typer.Option("--budget", help="Gradient evaluations per run: quick, full, or a number. [default: quick]"),
]
Iterations = Annotated[int | None, typer.Option(min=1, help="Iterations per run, instead of a budget.")]
GroupSize = Annotated[int | None, typer.Option(min=1, help="Number of members that train as one program.")]
Compile = Annotated[bool, typer.Option("--compile", help="Use torch.compile; on a GPU with CUDA graphs.")]
TF32 = Annotated[bool, typer.Option("--tf32", help="Allow TF32 matrix products on a GPU.")]
Deterministic = Annotated[bool, typer.Option("--deterministic", help="Use only bit-reproducible operations.")]
ExecutorOption = Annotated[ExecutorName, typer.Option("--executor", help="Run groups in series or as Ray tasks.")]
Address = Annotated[str | None, typer.Option(help="Address of a Ray cluster. [default: start Ray on this machine]")]
CpusPerGroup = Annotated[float | None, typer.Option(min=0.0, help="With Ray: CPUs of a group. [default: --threads]")]
GpusPerGroup = Annotated[float, typer.Option(min=0.0, help="With Ray: GPUs per group, may be a fraction.")]
MaxRetries = Annotated[int, typer.Option(min=0, max=1000, help="With Ray: retries after a worker is lost.")]
CheckpointSeconds = Annotated[float, typer.Option(min=0.0, help="Seconds between checkpoints.")]
Pictures = Annotated[
    bool, typer.Option("--pictures/--no-pictures", help="Save a picture of samples and curves with each record.")
]
KeepGenerators = Annotated[
    bool, typer.Option("--keep-generators", help="Save the generator's weights of each new run with its record.")
]
LogTo = Annotated[
    list[str] | None,
    typer.Option(
        "--log-to", help="Also log to a tracker: tensorboard, wandb, mlflow or file.py:MyTracker; can be repeated."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print planned and existing runs and a time estimate, without running.")
]


def executor_of(
    name: ExecutorName,
    address: str | None = None,
    cpus_per_group: float | None = None,
    gpus_per_group: float = 0.0,
    max_retries: int = 3,
) -> Executor:
    """Return what runs groups; raise a UserError for options of Ray without it."""
    from benchmark.runner.executors import Serial
    from benchmark.runner.ray_executor import RayExecutor

    only_ray = {
        "--address": address is not None,
        "--cpus-per-group": cpus_per_group is not None,
        "--gpus-per-group": gpus_per_group != 0.0,
        "--max-retries": max_retries != 3,
    }
    given = [option for option, is_given in only_ray.items() if is_given]
    if given and name is not ExecutorName.RAY:
        raise UserError(f"{given[0]} is an option of Ray; add --executor ray.")
    for amount in (cpus_per_group or 0.0, gpus_per_group):
        if not isfinite(amount):
            raise UserError(f"The CPUs and GPUs of a group must be finite, not {amount}.")
    if name is ExecutorName.RAY:
        return RayExecutor(address, cpus_per_group, gpus_per_group, max_retries)
    return Serial()
