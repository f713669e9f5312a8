"""Histograms of several rows on one axis, as text and as outlines to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmark.reproduce.place import Line

BINS = 12
LONGEST = 24  # characters of the longest bar


def histograms(values: Mapping[str, Sequence[float]]) -> list[list[str]]:
    """Write a line per bin with its bounds and, for each row, a bar and its count; all bars have one scale.

    The result is empty if no row has two values.
    """
    rows = {name: list(row) for name, row in values.items() if len(row) > 1}
    if not rows:
        return []
    edges = np.histogram_bin_edges([value for row in rows.values() for value in row], bins=BINS)
    counts = {name: np.histogram(row, edges)[0] for name, row in rows.items()}
    most = max(int(row.max()) for row in counts.values())
    lines = [["from", "to", *rows]]
    for at in range(BINS):
        bars = [_bar(int(row[at]), most) for row in counts.values()]
        lines.append([f"{edges[at]:.4g}", f"{edges[at + 1]:.4g}", *bars])
    return lines


def outlines(values: Mapping[str, Sequence[float]]) -> list[Line]:
    """Return the outline of each row's histogram in per cent of its values; rows as in `histograms`."""
    rows = {name: list(row) for name, row in values.items() if len(row) > 1}
    if not rows:
        return []
    edges = np.histogram_bin_edges([value for row in rows.values() for value in row], bins=BINS)
    lines = []
    for name, row in rows.items():
        counts = np.histogram(row, edges)[0]
        shares = 100.0 * counts / len(row)
        steps = [(float(edges[at + side]), float(shares[at])) for at in range(BINS) for side in (0, 1)]
        lines.append(Line(name, [(float(edges[0]), 0.0), *steps, (float(edges[-1]), 0.0)], dots=False))
    return lines


def _bar(count: int, most: int) -> str:
    return "" if count == 0 else "█" * max(1, round(LONGEST * count / most)) + f" {count}"
