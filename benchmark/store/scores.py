"""The scores of many runs as columns, and each run's scores as a row of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmark.store.columns import columns_of, values_of
from benchmark.store.record import RecordedScore


class Scores(Mapping[str, RecordedScore]):
    """One run's scores by metric, created on access from names and directions that runs share.

    A dictionary of scores would take five times the memory, and 100,000 records have millions of scores.
    """

    __slots__ = ("_directions", "_errors", "_places", "_values")

    def __init__(
        self,
        places: Mapping[str, int],
        directions: Sequence[Any],
        values: Sequence[float],
        errors: Sequence[float | None],
    ) -> None:
        self._places, self._directions, self._values, self._errors = places, directions, values, errors

    def __getitem__(self, metric: str) -> RecordedScore:
        at = self._places[metric]
        return RecordedScore(self._values[at], self._errors[at], self._directions[at])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, metric: object) -> bool:
        return metric in self._places

    def __repr__(self) -> str:
        return repr(dict(self))


def form_of(scores: Mapping[str, RecordedScore]) -> tuple[tuple[str, str], ...]:
    """Return what scores must have in common to share columns: their metrics and directions."""
    return tuple((metric, score.direction) for metric, score in scores.items())


def score_columns(rows: Sequence[Mapping[str, RecordedScore]]) -> dict[str, Any]:
    """Return the scores of runs, all of one form, as columns."""
    scores = [tuple(row.values()) for row in rows]
    return {
        "form": form_of(rows[0]),
        "values": [columns_of([score.value for score in column]) for column in zip(*scores, strict=True)],
        "errors": [columns_of([score.standard_error for score in column]) for column in zip(*scores, strict=True)],
    }


def scores_of(columns: Mapping[str, Any], count: int) -> list[Scores]:
    """Return the scores of the `count` runs that `score_columns` was called with."""
    places = {metric: at for at, (metric, _) in enumerate(columns["form"])}
    directions = tuple(direction for _, direction in columns["form"])
    values, errors = (_rows(columns[name], count) for name in ("values", "errors"))
    return [Scores(places, directions, *row) for row in zip(values, errors, strict=True)]


def _rows(columns: Sequence[dict[str, Any]], count: int) -> list[tuple[Any, ...]]:
    if all("same" in column for column in columns):  # no metric at all, or none with an error
        return [tuple(column["same"] for column in columns)] * count
    return list(zip(*(values_of(column, count) for column in columns), strict=True))
