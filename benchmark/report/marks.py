"""Dots and lines as SVG paths, as short as they can be: a page holds hundreds of thousands of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Point = tuple[float, float]


def dots(points: Iterable[Point]) -> str:
    """Write a dot at each point, as lines without length whose round caps are what is seen."""
    whole = sorted((round(y), round(x)) for x, y in points)
    pieces, last = [], (0, 0)
    for y, x in whole:
        pieces.append(f"m{x - last[1]}{_sign(y - last[0])}h0")
        last = (y, x)
    return "".join(pieces)


def line(points: Sequence[Point], *, closed: bool = False) -> str:
    """Write a line through points."""
    if not points:
        return ""
    whole = [(round(x), round(y)) for x, y in points]
    pieces, last = [f"M{whole[0][0]} {whole[0][1]}l"], whole[0]
    for at, (x, y) in enumerate(whole[1:]):
        step = f"{x - last[0]}{_sign(y - last[1])}"
        pieces.append(step if at == 0 or step.startswith("-") else f" {step}")
        last = (x, y)
    return ("".join(pieces) if len(whole) > 1 else pieces[0][:-1] + "h0") + ("z" if closed else "")


def band(low: Sequence[Point], high: Sequence[Point]) -> str:
    """Write the area between two lines."""
    return line([*low, *reversed(high)], closed=True)


def _sign(number: int) -> str:
    return f"{number}" if number < 0 else f" {number}"
