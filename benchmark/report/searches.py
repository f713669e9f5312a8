"""How tuned settings were found: read from the files of searches, a line for each objective."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.leaderboard import Table
from benchmark.leaderboard.text import number, readable
from benchmark.store import Kept, read_regular

SEARCHES = Path("tune") / "searches"  # below the records, as `benchmark.tune` writes them


@dataclass(frozen=True)
class SearchLine:
    """One search."""

    objective: str
    best: int  # the trial's number
    score: str  # its mean on the selection data
    default: str  # trial 0's
    good: str
    failed: str
    expected: tuple[str, ...]  # best of k trials, by the section's counts
    settings: str


@dataclass(frozen=True)
class Searches:
    """The searches behind one table."""

    metric: str
    trials: int
    counts: tuple[int, ...]  # of trials, for which the expected best is shown
    lines: tuple[SearchLine, ...]


def searches(kept: Kept, table: Table) -> Searches | None:
    """Find the searches whose budget is the table's; None where there are none, as in tables of other tracks."""
    wanted = table.comparable.get("search")
    if table.track != "tuned" or not isinstance(wanted, Mapping):
        return None
    trials, metric = wanted.get("trials"), wanted.get("metric")
    if not isinstance(trials, int) or not isinstance(metric, str):
        return None
    counts = (*(k for k in (1, 2, 4, 8, 16, 32, 64, 128) if k < trials), trials)
    lines = [_line(found, metric, counts) for found in _found(kept, table, wanted)]
    ordered = tuple(sorted(lines, key=lambda line: line.objective))
    return Searches(readable(metric), trials, counts, ordered) if lines else None


def _found(kept: Kept, table: Table, wanted: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Read the files that fit; those that cannot be read are named as damaged."""
    for path in sorted((kept.root / SEARCHES).glob("*.json")):
        try:
            found = json.loads(read_regular(path))
            fits = found["problem"] == table.problem and found["search"] == dict(wanted)
            if fits and found["gradient_evaluations"] == table.comparable["gradient_evaluations"]:
                _line(found, str(wanted["metric"]), (1,))  # whatever is missing in it shows now
                yield found
        except OSError as error:
            kept.report(path, error)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            kept.report(path, ValueError("not a search that this version can read"))


def _line(found: Mapping[str, Any], metric: str, counts: tuple[int, ...]) -> SearchLine:
    best, first = found["trials"][found["best"]], found["trials"][0]
    settings = ", ".join(f"{name}={text}" for name, text in best["settings"].items())
    curve = {point["k"]: point for point in found["curve"]}
    shares = found["sensitivity"]
    return SearchLine(
        objective=readable(found["objective"]),
        best=int(found["best"]),
        score=_number(best["means"][metric]),
        default=_number(first["means"][metric]),
        good=_share(shares["good"]),
        failed=_share(shares["failed"]),
        expected=tuple(_point(curve[k]) if k in curve else "–" for k in counts),
        settings=readable(settings, 400) or "the problem's shared settings",
    )


def _number(value: float | None) -> str:
    return "–" if value is None else number(float(value))


def _share(counted: Mapping[str, Any]) -> str:
    return f"{int(counted['count'])}/{int(counted['of'])}"


def _point(point: Mapping[str, Any]) -> str:
    band = point["interval"]
    value = number(float(point["value"]))
    return value if band is None else f"{value} [{number(float(band['low']))}, {number(float(band['high']))}]"
