"""The command line: parse, call, print. `gan-bench --help` imports neither torch nor pandas."""

from __future__ import annotations

from benchmark.cli.app import main

__all__ = ["main"]
