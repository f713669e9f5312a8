"""Small pictures of a game: each loss and its gradient against one score, in text and as PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence

from objectives.describe import Curve

GAP = "   "
LABEL = 9  # width of the numbers left of a panel
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille character, by row and column
BRAILLE = 0x2800


def sketch(curves: Sequence[Curve], width: int = 80, height: int = 5) -> list[str]:
    """Draw curves side by side in braille characters: the losses, and below them their gradients."""
    if not curves:
        return []
    room = (width - len(GAP) * (len(curves) - 1)) // len(curves)
    cells = max(8, room - LABEL)
    lines = []
    for drawn in ("loss", "gradient"):
        panels = [_panel(curve, drawn, LABEL + cells, height) for curve in curves]
        lines += [GAP.join(row).rstrip() for row in zip(*panels, strict=True)]
    return lines


def _panel(curve: Curve, drawn: str, width: int, height: int) -> list[str]:
    """Draw one curve with its title above, its range on the left, and the range of the score below."""
    title, _, score = curve.name.replace("loss", drawn).partition(" by ")
    values: Sequence[float] = getattr(curve, drawn)
    low, high = _range(values)
    labels = [""] * height
    for at, value in [(0, high), (height - 1, low)] if high > low else [(height // 2, low)]:
        labels[at] = _number(value)
    left, right = _number(curve.scores[0]), _number(curve.scores[-1])
    room = width - LABEL - len(left) - len(right)
    body = [
        label.rjust(LABEL - 1) + " " + line
        for label, line in zip(labels, _braille(values, low, high, width - LABEL, height), strict=True)
    ]
    axis = " " * LABEL + left + score.center(room)[:room] + right
    return [line[:width].ljust(width) for line in (title.rjust(width), *body, axis)]


def _number(value: float) -> str:
    return text if len(text := f"{value:.3g}") < LABEL else f"{value:.0e}"


def _drawable(value: float) -> bool:
    return abs(value) <= 1e300  # not NaN either; beyond, a difference of two overflows


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the range of the values that can be drawn, with zero width if they are nearly constant."""
    seen = [value for value in values if _drawable(value)] or [0.0]
    low, high = min(seen), max(seen)
    return (low, high) if high - low > 1e-9 * max(1.0, abs(high)) else (low, low)


def _braille(values: Sequence[float], low: float, high: float, cells: int, height: int) -> list[str]:
    """Draw values over as many dots as fit, connected, and a constant in the middle."""
    columns, rows = 2 * cells, 4 * height
    grid = [[0] * cells for _ in range(height)]
    before: int | None = None
    for column in range(columns):
        value = values[round(column * (len(values) - 1) / (columns - 1))]
        if not _drawable(value):
            before = None
            continue
        row = round((high - value) / (high - low) * (rows - 1)) if high > low else rows // 2
        start = row if before is None or before == row else before + (1 if row > before else -1)
        for dot in range(min(start, row), max(start, row) + 1):
            grid[dot // 4][column // 2] |= DOTS[dot % 4][column % 2]
        before = row
    return ["".join(chr(BRAILLE + sign) for sign in line) for line in grid]


def png(curves: Sequence[Curve], title: str) -> bytes:
    """Draw curves as a PNG: a panel each, the loss in full and the gradient dashed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # takes half a second, which text output need not spend
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4 * len(curves), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, curve in zip(figure.subplots(1, len(curves), squeeze=False)[0], curves, strict=True):
        axes.axhline(0.0, color="0.8", linewidth=0.8)
        axes.plot(curve.scores, curve.loss, label="loss")
        axes.plot(curve.scores, curve.gradient, "--", label="gradient")
        axes.set_title(curve.name, fontsize=10)
        axes.set_xlabel("score")
        axes.legend(fontsize=8)
    figure.suptitle(title.replace("$", r"\$"))
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=120)
    return content.getvalue()
