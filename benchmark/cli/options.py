"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RESULTS = Path("results") / "runs"

Results = Annotated[Path, typer.Option("--results", help="Directory of the run records.", show_default=True)]
