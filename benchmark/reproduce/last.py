"""Earlier reproductions in a results directory, and how long their training took."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.reproduce.target import TIERS

HOUR, MINUTE = 3600.0, 60.0
PLURAL = {"agrees": "agree", "differs": "differ"}


def conclusions(results: Path, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the tier and the facts of each reproduction of a target, smallest tier first."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for tier in TIERS:
        try:
            facts = json.loads((results / f"{name}-{tier}.json").read_text())
            facts["verdicts"] = {str(word): int(count) for word, count in facts["verdicts"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # not run, or not a file of this program
        found.append((tier, facts))
    return found


def in_words(verdicts: Mapping[str, int]) -> str:
    """Write how often each verdict was given."""
    return ", ".join(f"{count} {word if count == 1 else PLURAL.get(word, word)}" for word, count in verdicts.items())


def duration(seconds: object) -> str:
    """Write the training time in records; without any, nothing was trained."""
    if not isinstance(seconds, int | float):
        return "no training"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.1f} h"
