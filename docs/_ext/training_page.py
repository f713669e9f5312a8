"""The page of training: the settings that `--set` takes, dynamics, optimisers, schedules, and pairs of networks."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from markup import code, joined, linked, prose, table

from benchmark.engine.dynamics import DYNAMICS
from benchmark.engine.optimisers import OPTIMISERS
from benchmark.engine.schedules import SCHEDULES
from benchmark.networks import NETWORKS
from benchmark.problems import Training
from objectives.describe import meaning_of
from objectives.foundation.settings import text_of

IMAGES, POINTS = (
    {name: one for name, one in NETWORKS.items() if one.samples == samples} for samples in ("images", "points")
)
CHOICES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Dynamics": ("How the two players move: `--set dynamics=NAME`.", DYNAMICS),
    "Optimisers": ("`--set optimiser=NAME`, of both players.", OPTIMISERS),
    "Schedules": ("`--set learning_rate_schedule=NAME`, `--set momentum_schedule=NAME`.", SCHEDULES),
    "Networks for images": ("`--network NAME`.", IMAGES),
    "Networks for points": ("`--network NAME`, beside each problem's own `mlp`.", POINTS),
}


def training_part() -> str:
    """Write the settings, and a section for each choice."""
    rows = [
        (code(field.name), code(text_of(field.default)), linked(meaning_of(Training, field.name)))
        for field in dataclasses.fields(Training)
    ]
    choices = [block for title in CHOICES for block in _choice(title)]
    return joined(["## Settings", table(("setting", "default", "what"), rows), *choices])


def _choice(title: str) -> Iterator[str]:
    said, known = CHOICES[title]
    yield f"## {title}"
    yield said
    described: dict[str, list[str]] = {}
    for name, one in known.items():
        described.setdefault(inspect.getdoc(one) or "", []).append(name)  # a class under several names appears once
    for text, names in described.items():
        summary, _, details = text.partition("\n")
        yield f"### {', '.join(names)}"
        yield joined([linked(summary), prose(details)])
