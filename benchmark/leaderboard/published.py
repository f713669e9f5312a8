"""Numbers from papers, shown next to ours in a separate column; they rank nothing and enter no mean.

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

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Published:
    """One number from a paper: its row and metric, its error and the kind of error, and its source."""

    problem: str
    row: str
    metric: str
    value: float
    source: str
    note: str  # how its protocol differs from ours
    error: float | None = None
    error_kind: str | None = None


def read_published(path: Path) -> tuple[Published, ...]:
    """Return the numbers of a file; a UserError names the block and the entry at fault."""
    from benchmark.leaderboard.published_file import PublishedFile  # and pydantic with it
    from benchmark.toml_file import read_toml

    return tuple(Published(**number.model_dump()) for number in read_toml(path, PublishedFile).published)
