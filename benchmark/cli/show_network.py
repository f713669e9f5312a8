"""The page of an architecture: its noise, and its size for samples of several shapes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial

from torch import nn

from benchmark.catalogue.contracts.network import KINDS, SHAPES
from benchmark.cli.output import Page, aligned, screen_width
from benchmark.networks import Architecture, Shape
from benchmark.networks.outside import Outside

PLAYERS = ("generator", *KINDS)


def network(name: str, architecture: Architecture) -> Page:
    """Return the page of an architecture."""
    described = inspect.getdoc(architecture.pair if isinstance(architecture, Outside) else architecture) or ""
    summary, _, details = described.partition("\n")
    noise = architecture.noise
    bound = f" within {noise.bound:g}" if noise.kind == "uniform" else ""
    sizes = {shape: found for shape in SHAPES if (found := _sizes(architecture, shape))["generator"] is not None}
    rows = [["samples", *PLAYERS]]
    rows += [["x".join(map(str, shape)), *(_text(found[one]) for one in PLAYERS)] for shape, found in sizes.items()]
    lines = [
        name,
        summary,
        *(f"  {line}".rstrip() for line in details.splitlines()),
        "",
        f"noise: {noise.dimension} numbers, {noise.kind}{bound}",
        "",
        "parameters, by the shape of the samples:",
        *aligned(rows, flexible=0, indent="", width=screen_width()),
    ]
    facts = {
        "name": name,
        "summary": summary,
        "noise": {"dimension": noise.dimension, "kind": noise.kind},
        "parameters": [{"shape": list(shape), **found} for shape, found in sizes.items()],
    }
    return Page("network", facts, lines, None)


def _sizes(architecture: Architecture, shape: Shape) -> dict[str, int | None]:
    builds: dict[str, Callable[[], nn.Module]] = {"generator": partial(architecture.generator, shape, None)}
    builds |= {str(kind): partial(architecture.critic, kind, shape) for kind in KINDS}
    return {player: _size(build) if architecture.fits(shape) else None for player, build in builds.items()}


def _size(build: Callable[[], nn.Module]) -> int | None:
    """Return a module's number of parameters; None if there is no such player for this shape."""
    try:
        return sum(parameter.numel() for parameter in build().parameters())
    except Exception:
        return None


def _text(size: int | None) -> str:
    return "–" if size is None else f"{size:,}"
