"""`gan-bench --version`: what a report of a fault should name."""

from __future__ import annotations

import platform
from importlib.metadata import version

import typer

from benchmark.cli.output import say


def print_version(wanted: bool) -> None:
    """Print the versions of gan-bench, Python and torch and the device that `auto` means, and leave."""
    if wanted:
        from benchmark.engine.host import resolve_device

        versions = f"gan-bench {version('gan-bench')}, Python {platform.python_version()}, torch {version('torch')}"
        say(f"{versions}, device {resolve_device('auto')}")
        raise typer.Exit
