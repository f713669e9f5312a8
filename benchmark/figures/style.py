"""How figures look, on light and on dark ground, and how they are written."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

PIXELS_PER_INCH = 200
SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "gan-bench", "font.family": "sans-serif", "font.size": 9}


@dataclass(frozen=True)
class Theme:
    """The colours of a figure; `series` tell lines apart: hues of Okabe & Ito (2008), dark or light enough for text."""

    name: str
    ground: str
    ink: str
    soft: str
    rule: str
    accent: str
    warm: str
    low: str  # of a share: 0
    high: str  # 1
    series: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """What the names of files end with: nothing on light ground."""
        return "" if self.name == "light" else f"-{self.name}"

    @property
    def shares(self) -> LinearSegmentedColormap:
        """The colours of shares from 0 to 1."""
        return LinearSegmentedColormap.from_list(f"shares-{self.name}", [self.low, self.accent, self.high])

    def on(self, colour: tuple[float, ...]) -> str:
        """Return black or white, whichever reads better on a colour: a contrast of 4.5 or more on any."""
        return max(("#000000", "#ffffff"), key=lambda text: contrast(to_rgb(text), colour))


LIGHT = Theme(
    "light", "#ffffff", "#1c1f24", "#5a616c", "#dcdad3", "#5b9bd0", "#a8480b", "#f3f1ea", "#0a3560",
    ("#0060a0", "#b84a00", "#007a58", "#a8487e", "#8a6d00", "#1c1f24", "#6b3fa0", "#1f7fb5"),
)  # fmt: skip
DARK = Theme(
    "dark", "#14171b", "#e8eaed", "#a6aeba", "#333a44", "#2f7fc0", "#f2a06d", "#20252c", "#c9e6ff",
    ("#56b4e9", "#f2a06d", "#2fc49a", "#e5a3c6", "#f0c05a", "#e8eaed", "#b9a3f0", "#9ecff2"),
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    low, high = sorted(map(_luminance, (a, b)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def settings() -> AbstractContextManager[None]:
    """Return a context in which matplotlib has our settings, whatever its user's are."""
    return rc_context(SETTINGS)


def new_figure(theme: Theme, width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches."""
    return Figure(figsize=(width, height), facecolor=theme.ground, layout="constrained")


def paint(axes: Axes, theme: Theme, *, frame: bool = True) -> Axes:
    """Return axes in the colours of a theme."""
    axes.set_facecolor(theme.ground)
    axes.tick_params(colors=theme.soft, labelcolor=theme.ink, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(frame and side in ("left", "bottom"))
        spine.set_color(theme.rule)
    return axes


def encode(figure: Figure, form: str, title: str) -> bytes:
    """Return a figure as SVG or PNG; the same figure gives the same bytes."""
    stream = io.BytesIO()
    metadata = {"Title": title, "Date": None, "Creator": None} if form == "svg" else {"Title": title, "Software": None}
    with settings():
        figure.savefig(stream, format=form, dpi=PIXELS_PER_INCH, metadata=metadata)
    return stream.getvalue()
