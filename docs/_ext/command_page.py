"""The page of the command line, read off the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from markup import code, escaped, joined, table

from benchmark.cli.app import app

DEFAULT = re.compile(r"\s*\[(default: [^\]]*|required|x>=[^\]]*)\]")


def commands_page() -> str:
    """Write a section for each command, in the order in which `--help` lists them."""
    blocks: list[str] = []
    for name, command in _commands(typer.main.get_command(app), ""):
        blocks += [f"## {name.strip()}", escaped(" ".join((command.help or "").split())), _usage(name, command)]
        blocks += [_options(name, command)]
    return joined(blocks)


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def _context(name: str, command: Any) -> Any:
    return command.context_class(command, info_name=f"gan-bench {name}")


def _usage(name: str, command: Any) -> str:
    pieces = command.collect_usage_pieces(_context(name, command))
    return f"```text\ngan-bench {name} {' '.join(pieces)}\n```"


def _options(name: str, command: Any) -> str:
    """List arguments and options as the program's own help has them, defaults in a column of their own."""
    rows = []
    for one in command.params:
        record = one.get_help_record(_context(name, command))
        if record is None:
            continue
        spelled, meaning = record
        bounds = "; ".join(part for found in DEFAULT.findall(meaning) for part in found.split("; "))
        rows.append((code(spelled), escaped(DEFAULT.sub("", meaning)), escaped(bounds.replace("default: ", ""))))
    return table(("argument or option", "meaning", "default and bounds"), rows)
