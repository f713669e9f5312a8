"""Scores of kept generators under other scoring protocols, as written by `benchmarks/rescore.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from benchmark.errors import UserError
from benchmark.leaderboard.text import number
from benchmark.reproduce.place import Exhibit
from benchmark.stats import mean_interval
from benchmark.store import Record, write_atomically
from objectives.foundation.names import quote

RESCORED = "rescored.json"
Effects = Mapping[str, Mapping[str, float]]  # by the key of a run: its score as `SCORE`, and the effect of each change
SCORE = "score"


def write(root: Path, effects: Effects) -> Path:
    """Write effects to a results directory, merged with those of other runs there, and return the path."""
    path = root / RESCORED
    merged = {**read(root), **effects}
    write_atomically(path, (json.dumps(dict(sorted(merged.items())), indent=1) + "\n").encode())
    return path


def read(root: Path) -> Effects:
    """Read the effects in a results directory; empty if there are none."""
    path = root / RESCORED
    try:
        return TypeAdapter(dict[str, dict[str, float]]).validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise UserError(f"Cannot read {quote(path)}, which `benchmarks/rescore.py` writes: {error}.") from error


def exhibit_of(root: Path, trained: Mapping[str, Sequence[Record]]) -> list[Exhibit]:
    """Write the effect of each change of the scoring protocol on each row's runs, if they were scored again."""
    effects = read(root)
    rows = {name: [effects[one.key] for one in records if one.key in effects] for name, records in trained.items()}
    rows = {name: runs for name, runs in rows.items() if runs}
    if not rows:
        return []
    changes = list(dict.fromkeys(change for runs in rows.values() for run in runs for change in run))
    lines = [
        [change, *(_mean([run[change] for run in runs if change in run], change) for runs in rows.values())]
        for change in changes
    ]
    title = (
        "Last generators scored again, without training: score, and the effect of each change (mean ± 95 % interval)"
    )
    return [Exhibit(title, [["change", *rows], *lines])]


def _mean(values: Sequence[float], change: str) -> str:
    mean = mean_interval(list(values))
    if mean.value is None:
        return "–"
    text = number(mean.value) if change == SCORE else f"{mean.value:+.3g}"
    return text if mean.half_width is None else f"{text} ± {mean.half_width:.2g}"
