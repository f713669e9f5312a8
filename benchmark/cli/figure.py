"""`gan-bench figure`: figures of existing records for papers and slides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import Budget, Json, Results, directory, require_name
from benchmark.cli.output import say, write_json
from benchmark.cli.recorded import of_budget, of_problems, records_of, say_damaged
from benchmark.errors import UserError
from benchmark.runner.paths import RESULTS
from benchmark.store import Kept
from objectives.foundation.names import resolve

OUTPUT = Path("figures")
KINDS = ("heat", "ladder", "modes", "samples", "sweep")
THEMES = ("light", "dark")


def figure(
    kinds: Annotated[
        list[str] | None, typer.Argument(metavar=f"[{'|'.join(KINDS)}]...", help="Figures to draw. [default: all]")
    ] = None,
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="Draw only this problem; can be repeated.")
    ] = None,
    theme: Annotated[str, typer.Option(metavar="[light|dark]", help="Colour theme.")] = "light",
    output: Annotated[Path, typer.Option("--output", help="Output directory.", callback=directory)] = OUTPUT,
    budget: Budget = None,
    results: Results = RESULTS,
    json: Json = None,
) -> None:
    """Draw the heat map of shares, ladders, modes, samples and sweeps as SVG and PNG."""
    from benchmark.figures.style import THEMES as KNOWN
    from benchmark.figures.write import WANTS, write_figures

    for name in [*(kinds or []), *(problem or []), theme]:
        require_name(name)
    wanted = tuple(resolve(kind, KINDS, "figure") for kind in kinds or KINDS)
    ground = KNOWN[resolve(theme, THEMES, "theme")]
    records = of_budget(of_problems(records_of(results), problem, [results]), budget)
    kept = Kept(results)
    written = write_figures(records, kept, output, wanted, ground)
    say_damaged(kept)
    for kind, files in written.items():
        for file in files:
            say(str(file))
        if not files:
            say(f"no {kind}: it needs {WANTS[kind]}", err=True)
    if not any(written.values()):
        raise UserError("None of these figures can be drawn from these records.")
    write_json(json, "figure", {"files": {kind: [str(file) for file in files] for kind, files in written.items()}})
