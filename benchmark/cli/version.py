"""`gan-bench --version`: the versions to state in a bug report."""

from __future__ import annotations

import platform
from importlib.metadata import version

import typer

from benchmark.cli.output import say


def print_version(wanted: bool) -> None:
    """Print the versions of gan-bench, Python and torch, and the device that `auto` selects, and exit."""
    if wanted:
        from benchmark.engine.host import resolve_device

        versions = f"gan-bench {version('gan-bench')}, Python {platform.python_version()}, torch {version('torch')}"
        say(f"{versions}, device {resolve_device('auto')}")
        raise typer.Exit
