"""`gan-bench score`: score samples made elsewhere."""

from __future__ import annotations

from json import loads
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import (
    Beside,
    DataDir,
    Device,
    InceptionWeights,
    Json,
    Results,
    Threads,
    Weights,
    require_name,
)
from benchmark.cli.output import emit, emit_tables, rendered, say, write_json
from benchmark.cli.recorded import records_of
from benchmark.errors import UserError
from benchmark.leaderboard import RENDERINGS, as_json, tables_with
from benchmark.leaderboard.text import readable
from benchmark.runner.paths import RESULTS
from objectives.foundation.names import resolve


def score(
    samples: Annotated[
        list[Path],
        typer.Argument(
            help="A folder or .zip of images, .npz, .npy, .pt or a generator.pt; several count as several seeds."
        ),
    ],
    problem: Annotated[str | None, typer.Option("--problem", "-p", help="Score under this problem's protocol.")] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Score against these samples instead: a file or folder, as for SAMPLES.")
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            help="A published network, see --weights; with --reference pixels or pixels8 (block means) too. "
            "[default: the problem's; pixels, if small]"
        ),
    ] = None,
    weights: Weights = None,
    evaluator: Annotated[
        list[str] | None,
        typer.Option(help="Also use this evaluator; with --reference, use only it; can be repeated."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=2, help="With --reference: number of samples on each side. [default: 10000]")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(metavar="[NCHW|NHWC]", help="Axis order of images, if their shape is ambiguous.")
    ] = None,
    as_: Annotated[str | None, typer.Option("--as", help="Record the scores as a submission with this name.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first set; later sets count up.")] = 0,
    data_dir: DataDir = None,
    inception_weights: InceptionWeights = None,
    device: Device = "auto",
    threads: Threads = 1,
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar=f"[{'|'.join(RENDERINGS)}]", help="Output format. [default: table]"),
    ] = None,
    results: Results = RESULTS,
    beside: Beside = None,
    json: Json = None,
) -> None:
    """Score samples made elsewhere, under a problem's protocol or against a reference set."""
    from benchmark.cli.progress import LiveProgress
    from benchmark.engine.host import prepared_process, resolve_device
    from benchmark.problems import network_file
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import Request
    from benchmark.runner.score import score_sets
    from benchmark.runner.scoring_task import reference_of

    form = None if format_ is None else resolve(format_, RENDERINGS, "format")
    if (problem is None) == (reference is None):
        raise UserError("Use one of --problem NAME and --reference PATH to set what to score against.")
    for name in (problem, as_):
        if name is not None:
            require_name(name)
    others = records_of(*beside) if beside else []
    row, cache = as_ or samples[0].name or str(samples[0]), cache_directory()
    request = Request(
        problems=() if problem is None else (problem,),
        objectives=(),
        seeds=(0,),
        device=resolve_device(device),
        threads=threads,
        data_directory=data_dir,
        features=network_file(features, weights, inception_weights, others=reference is not None),
        evaluators=tuple(evaluator or ()),
    )
    with LiveProgress() as progress, prepared_process(threads):
        scored, controls = score_sets(
            samples,
            reference_of(reference, features, count),
            request,
            results,
            cache,
            progress,
            name=row,
            seed=seed,
            layout=layout,
            recorded=as_ is not None,
        )
    cautions = list(dict.fromkeys(caution for one in scored for caution in one.cautions))
    built = tables_with([one.record for one in scored], [*controls, *others])
    if form is None or form == "table":
        emit_tables(built)
    else:
        emit(rendered(built, (), form), newline=False)
    for caution in cautions:
        say(caution, err=True)
    if as_ is not None:
        say(f"recorded as {readable(row)} in {results}", err=True)
    write_json(json, "score", {"cautions": cautions, **loads(as_json(built))})
