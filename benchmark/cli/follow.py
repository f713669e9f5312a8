"""`gan-bench follow`: whether the critic's loss tracks the generator's distance from the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.options import Json, Threads
from benchmark.cli.output import say, write_json

if TYPE_CHECKING:
    from benchmark.runner.follow import Followed
    from benchmark.stats import Mean

POINTS = 20


def follow(
    objective: Annotated[
        list[str], typer.Option("--objective", "-o", help="An objective, such as ns or wgan-gp; can be repeated.")
    ],
    problem: Annotated[
        list[str] | None,
        typer.Option("--problem", "-p", help="A problem with a known density; can be repeated. [default: gaussian1d]"),
    ] = None,
    seeds: Annotated[str, typer.Option(help="Number of seeds, or which: 10, 3:7, 0:3,17.")] = "5",
    budget: Annotated[str, typer.Option(help="Gradient evaluations per run: quick, full, or a number.")] = "quick",
    points: Annotated[
        int, typer.Option(min=3, max=1000, help="Number of points during a run at which the true distance is measured.")
    ] = POINTS,
    gap: Annotated[
        int,
        typer.Option(min=0, max=1_000_000, help="Measure the duality gap at the end, with this many steps per player."),
    ] = 0,
    threads: Threads = 1,
    json: Json = None,
) -> None:
    """Train objectives again and compare the critic's loss with the generator's distance from the truth.

    Nothing is recorded.
    """
    from benchmark.cli.progress import LiveProgress
    from benchmark.engine.host import prepared_process
    from benchmark.runner.follow import follow as followed
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import Request, parse_budget, parse_seeds

    request = Request(
        problems=tuple(problem or ("gaussian1d",)),
        objectives=tuple(objective),
        seeds=parse_seeds(seeds),
        budget=parse_budget(budget),
        threads=threads,
    )
    with LiveProgress() as progress, prepared_process(threads):
        found = followed(request, cache_directory(), progress, points=points, gap=gap)
    say("\n".join(lines(found)))
    write_json(json, "follow", {"followed": [one.plain() for one in found]})


def lines(found: list[Followed]) -> list[str]:
    """Return a line per row: its agreement with each true distance, and its duality gap."""
    said = []
    for one in found:
        parts = [f"{metric} {spelled(one.agreement(metric))}" for metric in one.truth]
        said.append(f"{one.problem} · {one.row}: Kendall's tau of -critic loss and {', '.join(parts)}")
        if one.gap:
            gaps = [f"{name} {spelled(one.mean_gap(name))}" for name in one.gap]
            said.append(f"{one.problem} · {one.row}: duality gap {', '.join(gaps)}")
    return said


def spelled(mean: Mean) -> str:
    """Return a mean with the half-width of its interval."""
    if mean.value is None:
        return "–"
    return (
        f"{mean.value:+.2f}" + (f" ± {mean.half_width:.2f}" if mean.half_width is not None else "") + f" (n={mean.n})"
    )
