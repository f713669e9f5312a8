"""`gan-bench report`: an HTML report of existing records."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.leaderboard import BASELINE, uncollected
from benchmark.cli.options import Json, PublishedFile, Results, output_file, require_name
from benchmark.cli.output import say, write_file, write_json
from benchmark.cli.recorded import of_problems, records_of, rows_on_record, say_damaged, say_left_out
from benchmark.errors import UserError
from benchmark.leaderboard import read_published, row_named
from benchmark.runner.paths import RESULTS
from benchmark.store import Kept
from objectives.foundation.names import quote

OUTPUT = Path("report.html")


@uncollected()
def report(
    problem: Annotated[
        list[str] | None, typer.Option("--problem", "-p", help="Report only this problem; can be repeated.")
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="Row to compare the others with. [default: ns]")] = None,
    output: Annotated[Path, typer.Option("--output", help="HTML file to write.", callback=output_file)] = OUTPUT,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    published: PublishedFile = None,
    results: Results = RESULTS,
    json: Json = None,
) -> None:
    """Write a self-contained HTML report of the records in a directory: tables, curves and samples."""
    from benchmark.report import page

    for name in [*(problem or []), *([] if baseline is None else [baseline])]:
        require_name(name)
    if output.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"The report is an HTML file; its name must end in .html, got {quote(output.name)}.")
    printed = () if published is None else read_published(published)
    records = of_problems(records_of(results), problem, [results])
    say_left_out(printed, [] if problem else records)
    if baseline is not None:
        with rows_on_record([baseline], records, [results]):
            baseline = row_named(baseline, {record.row for record in records})
    kept = Kept(results)
    content = page(records, kept, baseline or BASELINE, printed).encode()
    write_file(output, content)
    say_damaged(kept)
    write_json(json, "report", {"file": str(output), "bytes": len(content), "records": len(records)})
    say(f"{output}: {len(records)} runs, {len(content) / 1e6:.1f} MB")
    if open_ and not webbrowser.open(output.resolve().as_uri()):
        say("could not open a browser", err=True)
