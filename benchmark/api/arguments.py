"""What the functions of the Python API take: one or several, names or paths, and where progress goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UserError
from benchmark.runner.progress import Progress, Sentences, silent
from benchmark.runner.request import parse_seeds

if TYPE_CHECKING:
    from benchmark.problems import NetworkFile

REPORT_EVERY = 5.0  # seconds between two messages on how far one group is


def listed(given: Any) -> tuple[Any, ...]:
    """Return a list unchanged, or a single item as a list."""
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def names_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return a single name as a list, so that a string is not read as a sequence of letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def seeds_of(seeds: int | str | Sequence[int]) -> tuple[int, ...]:
    """Return seeds given as a number, a list, or text as on the command line."""
    if isinstance(seeds, int | str):
        return parse_seeds(str(seeds))
    if not len(seeds):
        raise UserError("Name at least one seed.")
    return parse_seeds(",".join(f"{seed}:{int(seed) + 1}" for seed in seeds))


def network_of(
    features: str | None, weights: Path | str | None, inception_weights: Path | str | None, others: bool = False
) -> NetworkFile | None:
    """Return the published network whose features score images; None for the problems' own."""
    from benchmark.problems import network_file  # and torch with it

    file, inception = (None if path is None else Path(path) for path in (weights, inception_weights))
    return network_file(features, file, inception, others)


def shown_by(progress: Callable[[str], None] | None) -> Progress:
    """Return progress that passes messages to a function, if there is one."""
    return silent() if progress is None else Sentences(progress, REPORT_EVERY)
