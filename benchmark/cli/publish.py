"""`gan-bench publish`: turn a results directory into files to publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.leaderboard import uncollected
from benchmark.cli.options import Json, directory
from benchmark.cli.output import rendered, say, write_file, write_json
from benchmark.cli.recorded import records_of, say_damaged
from benchmark.errors import UserError
from benchmark.leaderboard import rankings, tables
from benchmark.store import PACK, Kept, packed, read_all
from objectives.foundation.names import quote

PAGES = {"leaderboard.md": "md", "leaderboard.csv": "csv"}


@uncollected()
def publish(
    results: Annotated[
        Path, typer.Argument(help="Directory of run records; the output is written there too.", callback=directory)
    ],
    json: Json = None,
) -> None:
    """Write all records of a directory to one file, with the leaderboard as Markdown, CSV and HTML, and figures.

    You can then delete the directories of the runs: records.jsonl replaces them, and more seeds can be added to the
    same directory. The HTML report includes curves and samples only if the runs' directories exist.
    """
    from benchmark.figures import FIGURES
    from benchmark.figures.style import THEMES, encode
    from benchmark.report import page

    records = records_of(results)
    if lost := [one for one in read_all(results)[1] if one.path.name == PACK]:
        raise UserError(f"Will not overwrite {quote(lost[0].path)}: it has an invalid line, {lost[0].reason}.")
    write_file(results / PACK, packed(records))
    built, kept = tables(records), Kept(results)
    ranked = rankings(built)
    for name, form in PAGES.items():
        write_file(results / name, rendered(built, ranked, form).encode())
    write_file(results / "report.html", page(records, kept).encode())
    names = [*PAGES, "report.html"]
    for theme in THEMES.values():
        for kind in ("heat", "ladder"):
            for drawing in FIGURES[kind](built, kept, theme):
                names.append(f"{drawing.name}{theme.suffix}.svg")
                write_file(results / names[-1], encode(drawing.figure, "svg", drawing.title))
    say_damaged(kept)
    write_json(json, "publish", {"records": len(records), "files": [PACK, *names], "directory": str(results)})
    say(f"{len(records)} records in {results / PACK}; {', '.join(names)} next to it")
