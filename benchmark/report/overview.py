"""The order of the objectives over all problems of a track, with the interval of each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.leaderboard import Ranking
from benchmark.leaderboard.text import readable
from benchmark.stats import Aggregate

WIDTH = 320


@dataclass(frozen=True)
class RankedRow:
    """One objective: its place, interval, how often it wins and comes first, and the bar of its interval."""

    label: str
    place: float
    low: float
    high: float
    wins: float
    first: float
    share: str  # of the way from untrained to oracle, with its interval
    bar: Markup


@dataclass(frozen=True)
class Order:
    """One track's order, or why it has none."""

    track: str
    tables: tuple[str, ...]
    places: tuple[RankedRow, ...]
    unranked: tuple[tuple[str, str], ...]  # row, reason
    left_out: tuple[tuple[str, str], ...]  # table, reason


def orders(ranked: Sequence[Ranking]) -> list[Order]:
    """Prepare the order of each track."""
    return [_order(ranking) for ranking in ranked]


def _order(ranking: Ranking) -> Order:
    count = len(ranking.ranks)
    places = tuple(
        RankedRow(
            readable(label),
            rank.place,
            rank.interval.low,
            rank.interval.high,
            rank.score,
            rank.chances[0],
            _share(ranking.shares[label]),
            _bar(rank.place, rank.interval.low, rank.interval.high, count),
        )
        for label, rank in ranking.ranks.items()
    )
    names = tuple(readable(name, 400) for name in ranking.tables)
    unranked = tuple((readable(label), readable(reason, 400)) for label, reason in ranking.unranked.items())
    left_out = tuple((readable(name, 400), readable(reason, 800)) for name, reason in ranking.left_out.items())
    return Order(ranking.track or "no", names, places, unranked, left_out)


def _share(share: Aggregate) -> str:
    if share.value is None:
        return "–"
    bounds = "" if share.interval is None else f" [{share.interval.low:.2f}, {share.interval.high:.2f}]"
    return f"{share.value:.2f}{bounds}"


def _bar(place: float, low: float, high: float, count: int) -> Markup:
    def x(at: float) -> float:
        return 8 + (WIDTH - 16) * (at - 1) / max(1, count - 1)

    grid = "".join(f"M{x(at):.0f} 0v20" for at in range(1, count + 1)) if count <= 40 else ""
    return Markup(
        '<svg class="bar" viewBox="0 0 {} 20" preserveAspectRatio="xMinYMid" aria-hidden="true">'
        '<path class="grid" d="{}"/><path class="ci" d="M{:.1f} 10H{:.1f}"/><circle cx="{:.1f}" cy="10" r="5"/></svg>'
    ).format(WIDTH, grid, x(low), x(high), x(place))
