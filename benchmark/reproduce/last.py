"""What a directory says of targets that were carried out there: their verdicts, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.reproduce.target import TIERS

HOUR, MINUTE = 3600.0, 60.0


def conclusions(results: Path, name: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return each tier on which a target was carried out, its verdicts in words, and its facts; from the smallest."""
    found: list[tuple[str, str, Mapping[str, Any]]] = []
    for tier in TIERS:
        try:
            facts = json.loads((results / f"{name}-{tier}.json").read_text())
            verdicts = {str(word): int(count) for word, count in facts["verdicts"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # not carried out, or not by this program
        found.append((tier, ", ".join(f"{count} {word}" for word, count in verdicts.items()), facts))
    return found


def duration(seconds: object) -> str:
    """Write seconds of training; unknown where the records tell none."""
    if not isinstance(seconds, int | float):
        return "unknown"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.1f} h"
