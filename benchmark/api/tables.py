"""Records from Python: as a DataFrame, as leaderboards, compared, reported and drawn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmark.api.arguments import listed, names_of
from benchmark.errors import UserError
from benchmark.leaderboard import Comparison, at_budget, compare_each, comparisons_text, frame, tables
from benchmark.leaderboard import beside as with_others
from benchmark.runner.paths import RESULTS, cache_directory
from benchmark.store import Kept, Record, read_all, write_atomically
from objectives.foundation.names import quote, resolve

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Comparisons:
    """The result of a comparison; prints as on the command line."""

    found: tuple[Comparison, ...]

    def __str__(self) -> str:
        return comparisons_text(self.found)

    def _repr_html_(self) -> str:
        """Return HTML for notebooks: one line per table and row, with the numbers collapsed."""
        head = "<tr><th>table</th><th>metric</th><th>rows</th><th>verdict</th><th>why</th></tr>"
        lines = [
            (one.caption, one.metric, f"{one.a.label} against {one.b.label}", one.verdict.word, one.verdict.why)
            for one in self.found
        ]
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
        details = f"<details><summary>all numbers</summary><pre>{escape(str(self))}</pre></details>"
        return f"<table>{head}{rows}</table>{details}"

    @property
    def verdicts(self) -> dict[tuple[str, str], str]:
        """Return the word of each verdict, keyed by table and the other row."""
        return {(one.caption, one.b.label): one.verdict.word for one in self.found}


def records(results: Path | str = RESULTS, *, problems: Sequence[str] | None = None) -> pd.DataFrame:
    """Return all records: one line per run, one column per metric, NaN for missing scores.

    Columns: problem, row, kind, track, seed, state, key, group, device, cost and metrics. Scores of failed runs are
    included if they were computed; leaderboards use only runs whose state is ok.
    """
    import pandas as pd

    lines = [
        {
            "problem": record.problem,
            "row": record.row,
            "kind": record.kind,
            "track": record.track,
            "seed": record.seed,
            "state": record.end.state,
            "key": record.key,
            "group": record.group.get("key"),
            "device": record.compute.get("device"),
            **{name: amount for name, amount in record.compute.items() if isinstance(amount, int | float)},
            **{name: score.value for name, score in record.scores.items()},
        }
        for record in _read(results, problems)
    ]
    return pd.DataFrame(lines)


def leaderboard(
    results: Path | str = RESULTS,
    *,
    problems: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    budget: int | None = None,
    beside: Sequence[Path | str] | Path | str = (),
) -> pd.DataFrame:
    """Return the leaderboard, best rows first: one line per row and metric of each table.

    Only rows of the same `table` are comparable; `low` and `high` bound the 95 % Student-t interval of the mean over
    finished runs, and `share` is the mean share from untrained to oracle by the table's first metric. The default
    `metrics` are each problem's main ones; `["all"]` returns all. `budget` selects scores after this many gradient
    evaluations. `beside` adds the rows of other directories, at the budgets of `results` where possible.
    """
    return frame(tables(_read(results, problems, budget, beside), None if metrics is None else names_of(metrics)))


def compare(
    a: str,
    *others: str,
    metric: str | None = None,
    results: Path | str = RESULTS,
    problems: Sequence[str] | None = None,
    budget: int | None = None,
    beside: Sequence[Path | str] | Path | str = (),
) -> Comparisons:
    """Compare one row with others over their common seeds, with Holm's correction and a verdict.

    `budget` compares scores after this many gradient evaluations; `beside` adds other directories of runs.
    """
    if not others:
        raise UserError("Name two rows to compare, such as compare('hinge', 'ns').")
    return Comparisons(tuple(compare_each(_read(results, problems, budget, beside), a, others, metric)))


def report(
    file: Path | str = "report.html", results: Path | str = RESULTS, *, problems: Sequence[str] | None = None
) -> Path:
    """Write the report as one HTML file and return its path."""
    from benchmark.report import page

    kept = Kept(Path(results))
    write_atomically(Path(file), page(_read(results, problems), kept).encode())
    _warn_of_damage(kept)
    return Path(file)


def plot(
    kind: Literal["heat", "ladder", "modes", "samples", "sweep"],
    results: Path | str = RESULTS,
    *,
    problems: Sequence[str] | None = None,
    theme: Literal["light", "dark"] = "light",
) -> list[Figure]:
    """Draw existing records and return matplotlib figures, one per track or table with the required data."""
    from benchmark.figures.style import THEMES
    from benchmark.figures.write import FIGURES

    draw = FIGURES[resolve(kind, FIGURES, "figure")]
    ground = THEMES[resolve(theme, THEMES, "theme")]
    kept = Kept(Path(results))
    figures = [drawing.figure for drawing in draw(tables(_read(results, problems)), kept, ground)]
    _warn_of_damage(kept)
    return figures


def _records_in(directory: Path | str) -> list[Record]:
    records, _ = read_all(Path(directory), cache_directory())
    if not records:
        raise UserError(f"There are no records in {quote(Path(directory))}; make some with run(['ns']).")
    return records


def _warn_of_damage(kept: Kept) -> None:
    for file in kept.damaged:
        warnings.warn(f"The file {quote(file.path)} is damaged: {file.reason}.", stacklevel=3)


def _read(
    results: Path | str,
    problems: Sequence[str] | None,
    budget: int | None = None,
    others: Sequence[Path | str] | Path | str = (),
) -> list[Record]:
    found = _records_in(results)
    if others := listed(others):
        found = with_others(found, [record for directory in others for record in _records_in(directory)])
    if budget is not None:
        found = at_budget(found, budget)
    if problems is None:
        return found
    known = {record.problem for record in found}
    wanted = {resolve(name, known, "problem") for name in names_of(problems)}
    return [record for record in found if record.problem in wanted]
