"""The order over all problems of a track, for a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.ranking import FEWEST_RUNS, Ranking
from benchmark.leaderboard.render_markdown import escaped, grid
from benchmark.leaderboard.render_terminal import BOLD, align, style_line, wrap_notes
from benchmark.leaderboard.text import LONGEST_TEXT, readable
from benchmark.stats import Aggregate

HEAD = ("objective", "place", "95 % interval", "wins", "chance of place 1", "share", "95 % interval")
MOST_NAMED = 12  # tables, and rows without a place; the JSON form names all


def ranking_terminal(ranked: Sequence[Ranking], *, width: int = 120, colour: bool = False) -> str:
    """Write each track's order as terminal text."""
    return "\n".join("\n".join(_terminal(ranking, width, colour)) + "\n" for ranking in ranked)


def ranking_markdown(ranked: Sequence[Ranking]) -> str:
    """Write each track's order as Markdown, under a heading, with its notes below."""
    return "\n".join("\n".join(_markdown(ranking)) + "\n" for ranking in ranked)


def _terminal(ranking: Ranking, width: int, colour: bool) -> list[str]:
    lines = [style_line(_title(ranking), BOLD, colour)]
    if ranking.ranks:
        lines += align([list(column) for column in zip(HEAD, *_places(ranking), strict=True)])
    return lines + wrap_notes(_notes(ranking), width, colour)


def _markdown(ranking: Ranking) -> list[str]:
    lines = [f"### {escaped(_title(ranking))}", ""]
    if ranking.ranks:
        rows = [[escaped(label, LONGEST_TEXT), *numbers] for label, *numbers in _places(ranking)]
        lines += [*grid(HEAD, rows), ""]
    return [*lines, *(f"- {escaped(note, 2000)}" for note in _notes(ranking))]


def _title(ranking: Ranking) -> str:
    return f"Overall · {ranking.track} track" if ranking.track else "Overall"


def _places(ranking: Ranking) -> list[tuple[str, ...]]:
    return [
        (
            readable(label),
            f"{rank.place:g}",
            f"{rank.interval.low:g} to {rank.interval.high:g}",
            f"{rank.score:.2f}",
            f"{rank.chances[0]:.2f}",
            *_share(ranking.shares[label]),
        )
        for label, rank in ranking.ranks.items()
    ]


def _share(share: Aggregate) -> tuple[str, str]:
    bounds = share.interval
    return (
        "–" if share.value is None else f"{share.value:.2f}",
        "–" if bounds is None else f"{bounds.low:.2f} to {bounds.high:.2f}",
    )


def _notes(ranking: Ranking) -> list[str]:
    """Return the notes: how places are computed, how certain they are, and which rows have none and why."""
    notes = []
    if ranking.ranks:
        tables = "one table" if len(ranking.tables) == 1 else f"{len(ranking.tables)} tables of equal weight"
        notes.append(
            "place: by wins, the probability that a run beats a run drawn from all ranked rows, failed runs last, over "
            f"{tables}. Intervals: bootstrap over runs, too narrow below ten seeds; where they overlap, the order is "
            "not settled. A tie for place 1 counts for every row in it."
        )
        if any(share.value is not None for share in ranking.shares.values()):
            notes.append(
                "share: mean over these tables of the score normalised from untrained (0) to oracle (1); a failed run "
                "counts as 0. Interval: bootstrap over runs within each table."
            )
    else:
        notes.append("No ranking: that takes two objectives with two runs each in every problem's table.")
    if ranking.tables:
        notes.append(f"Ranked by: {_join(ranking.tables)}.")
    if ranking.ranks and ranking.unranked:
        rows = [f"{label} ({reason})" for label, reason in ranking.unranked.items()]
        notes.append(f"Not ranked, because that takes {FEWEST_RUNS} runs in each of these tables: {_join(rows)}.")
    if ranking.left_out:
        tables_out = [f"{caption} ({reason})" for caption, reason in ranking.left_out.items()]
        notes.append(f"Left out, because only one table per problem is ranked: {_join(tables_out)}.")
    return notes


def _join(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return "; ".join([*names[:MOST_NAMED], *([f"… and {more} more"] if more > 0 else [])])
