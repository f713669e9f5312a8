"""`gan-bench data`: list local data sets, and download others."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli.mistakes import Group
from benchmark.cli.options import DataDir, Json, require_name
from benchmark.cli.output import aligned, say, screen_width, write_json
from benchmark.errors import UserError
from objectives.foundation.names import quote

app = typer.Typer(cls=Group, help="Find, verify and fetch data sets.")


@app.command(name="list")
def list_(data_dir: DataDir = None, json: Json = None) -> None:
    """List the data sets that are files, with the location of each and whether its content is verified.

    The content of images without known hashes and of a user's own file is not verified.
    """
    from benchmark.problems.files import FILE_SETS, content, find
    from benchmark.runner.paths import cache_directory

    if data_dir is not None and not data_dir.is_dir():
        raise UserError(f"There is no data directory {quote(data_dir)}.")
    rows = []
    for name, files in FILE_SETS.items():
        place, state = "", "missing"
        try:
            folder = find(files, data_dir, cache_directory())
            place, state = str(folder), "verified" if files.verifiable else "found"
            for file in files.sha256:
                content(files, folder, file)
        except UserError:
            state = "damaged" if place else "missing"
        rows.append({"name": name, "state": state, "place": place})
    write_json(json, "data list", {"data": rows})
    say("\n".join(aligned([list(rows[0]), *(list(row.values()) for row in rows)], flexible=2, width=screen_width())))


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="The data set.")], data_dir: DataDir = None, json: Json = None
) -> None:
    """Download a data set with torchvision and verify it; GAN_BENCH_OFFLINE=1 forbids it."""
    from benchmark.problems.fetch import fetch as download
    from benchmark.problems.files import FILE_SETS, data_directories
    from benchmark.runner.paths import cache_directory
    from objectives.foundation.names import resolve

    require_name(name)
    name = resolve(name, FILE_SETS, "data set")
    place = download(FILE_SETS[name], data_directories(data_dir, cache_directory())[0])
    write_json(json, "data fetch", {"name": name, "place": str(place)})
    say(f"{name} is verified and stored in {place}")
