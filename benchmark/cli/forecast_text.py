"""A forecast as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmark.cli.output import aligned, paragraph

if TYPE_CHECKING:
    from benchmark.runner.forecast import Forecast

MINUTE, HOUR = 60.0, 3600.0


def forecast_lines(forecast: Forecast, width: int | None) -> list[str]:
    """Write the rows of a forecast, and their sum below."""
    cells = [["problem", "row", "runs", "on record", "groups", "estimate"]]
    for line in forecast.lines:
        estimate = "–" if line.runs == line.found else duration(line.seconds)
        cells.append([line.problem, line.row, str(line.runs), str(line.found), str(line.groups), estimate])
    runs, found = (sum(getattr(line, name) for line in forecast.lines) for name in ("runs", "found"))
    text = f"{runs} runs, {found} on record, {runs - found} to run in {forecast.groups} groups"
    if forecast.seconds is None and runs > found:
        text += "; there is no time estimate without a recorded run on this device"
    elif runs > found:
        unknown = sum(line.seconds is None for line in forecast.lines)
        text += f", about {duration(forecast.seconds)} judging by this device's records"
        text += f", {unknown} rows not counted" if unknown else ""
    notes = [line for note in forecast.notes for line in paragraph(note, width=width, indent="")]
    return [*aligned(cells, flexible=1, indent="", width=width), "", *notes, f"{text}. Nothing was run."]


def duration(seconds: float | None) -> str:
    """Write a duration in hours, minutes or seconds."""
    if seconds is None:
        return "unknown"
    if seconds < 2 * MINUTE:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"
