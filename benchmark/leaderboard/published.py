"""Numbers that papers printed, to be shown beside ours in a column of their own; they rank nothing and enter no mean.

They are read from a TOML file with one block for each number:

    [[published]]
    problem = "mnist"
    row = "ns"                   # as the leaderboard calls it
    metric = "parzen"
    value = 225
    error = 2                    # may be left out, and its kind with it
    error_kind = "standard error over test points"
    source = "Goodfellow et al., 2014, arXiv:1406.2661, table 1"
    note = "sigma of one run, networks and budget of the paper"
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.names import resolve, shown

BLOCK = "published"
LARGEST = 1_000_000  # bytes of a file


@dataclass(frozen=True)
class Published:
    """One number of a paper: of which row by which metric, with its error and what that is, and where it is from."""

    problem: str
    row: str
    metric: str
    value: float
    source: str
    note: str  # how its protocol differs from ours
    error: float | None = None
    error_kind: str | None = None


NUMBERS = ("value", "error")
FIELDS = {field.name: field.default is MISSING for field in fields(Published)}  # name -> whether it must be there


def read_published(path: Path) -> tuple[Published, ...]:
    """Read the numbers of a file; raises UserError, one sentence that names the block and the field at fault."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UserError(f"The file {shown(str(path))} is larger than {LARGEST:,} bytes.")
        found = tomllib.loads(content.decode())
    except OSError as error:
        raise UserError(f"Cannot read {shown(str(path))}: {error.strerror or type(error).__name__}.") from error
    except UserError:
        raise
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, nested too deep, a NUL in the path
        raise UserError(f"The file {shown(str(path))} is not TOML: {shown(str(error))}.") from error
    blocks = found.get(BLOCK)
    if set(found) != {BLOCK} or not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise UserError(f"The file {shown(str(path))} holds published numbers in blocks [[{BLOCK}]] and nothing else.")
    return tuple(_number(block, f"block {at} of {shown(str(path))}") for at, block in enumerate(blocks, 1))


def _number(block: Mapping[str, Any], place: str) -> Published:
    for name in block:
        if name not in FIELDS:
            resolve(name, FIELDS, f"field in {place}:")
            raise UserError(f"Write the field {shown(name)} in {place} exactly as it is named.")
    for name, required in FIELDS.items():
        if name in block:
            _check(name, block[name], place)
        elif required:
            raise UserError(f"The field {name!r} is missing in {place}.")
    if ("error" in block) != ("error_kind" in block):
        raise UserError(f"An error without its kind says nothing: give both error and error_kind, or none, in {place}.")
    numbers = {name: float(block[name]) for name in NUMBERS if name in block}
    return Published(**{**block, **numbers})


def _check(name: str, value: Any, place: str) -> None:
    if name not in NUMBERS:
        right, holds = "a text", isinstance(value, str) and bool(value.strip())
    else:
        right = "a finite number" if name == "value" else "a finite number, 0 or more"
        holds = type(value) in (int, float) and abs(value) < 1e300 and math.isfinite(value)
        holds = holds and (name == "value" or value >= 0)
    if not holds:
        raise UserError(f"The field {name!r} in {place} must be {right}, not {shown(repr(value))}.")
