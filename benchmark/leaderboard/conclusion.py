"""What the tables of a track show, in a few sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmark.leaderboard.agreement import agreement_sentence
from benchmark.leaderboard.compare import against_baseline
from benchmark.leaderboard.cost import MEASURED, seconds_of
from benchmark.leaderboard.front import front
from benchmark.leaderboard.ladder import order_calm
from benchmark.leaderboard.ranking import Ranking
from benchmark.leaderboard.rungs import BUDGET
from benchmark.leaderboard.table import Row, Table
from benchmark.leaderboard.text import readable
from benchmark.stats import Aggregate

MOST_NAMED = 5  # rows in one sentence


def conclusion(tables: Sequence[Table], ranking: Ranking) -> list[str]:
    """Return sentences on the leaders, the baseline, each problem, the failures and the budget."""
    chosen = [table for table in tables if f"{table.caption}: {table.sort}" in ranking.tables]
    if not ranking.ranks or not chosen:
        return []
    found = [_leader(ranking, chosen), *_share(ranking, chosen), *_by_problem(chosen)]
    return [*found, *_against(chosen), _failures(chosen), *_calm(chosen)]


def questions(tables: Sequence[Table], ranking: Ranking) -> list[tuple[str, str]]:
    """Return the questions of a practitioner, each with the answer of a track's tables."""
    chosen = [table for table in tables if f"{table.caption}: {table.sort}" in ranking.tables]
    if not ranking.ranks or not chosen:
        return []
    which = [_leader(ranking, chosen), *_by_problem(chosen)]
    agreement = agreement_sentence(chosen)
    sure = [*_against(chosen), *_calm(chosen), *([agreement] if agreement else [])]
    found = [("Which objective?", which), ("How sure is that?", sure), ("What does it cost?", _cost(chosen))]
    return [(question, " ".join(answer)) for question, answer in found if answer]


def _leader(ranking: Ranking, tables: Sequence[Table]) -> str:
    """Name the objectives in first place by wins, and those whose interval includes it."""
    first = [label for label, rank in ranking.ranks.items() if rank.place == next(iter(ranking.ranks.values())).place]
    rivals = [label for label, rank in ranking.ranks.items() if rank.interval.low <= 1 and label not in first]
    over = "on one problem" if len(tables) == 1 else f"over {len(tables)} problems"
    verb = "is first" if len(first) == 1 else "share first place"
    said = f"By wins, {_names(first)} {verb} among {len(ranking.ranks)} objectives {over}{_effort(tables)}"
    if not rivals:
        return f"{said}; no other 95 % interval includes first place."
    return f"{said}; the 95 % {_intervals(len(rivals))} of {_names(rivals)} also {_include(len(rivals))} first place."


def _effort(tables: Sequence[Table]) -> str:
    """State the budget and the number of seeds, where they are the same everywhere."""
    budgets = {table.comparable.get(BUDGET) for table in tables}
    seeds = {row.runs for table in tables for row in table.rows if not row.control}
    budget = budgets.pop() if len(budgets) == 1 else None
    said = [f"{budget:,} gradient evaluations"] if isinstance(budget, int) else []
    said += [f"{next(iter(seeds))} seeds"] if len(seeds) == 1 else []
    return f" ({', '.join(said)})" if said else ""


def _share(ranking: Ranking, tables: Sequence[Table]) -> list[str]:
    """Name the objective with the largest mean share, and give the baseline's."""
    known = {label: share for label, share in ranking.shares.items() if share.value is not None}
    if not known:
        return []
    best = max(known, key=lambda label: known[label].value or 0.0)
    said = f"{readable(best)} has the largest mean share (0 % untrained, 100 % oracle), {_percent(known[best])}"
    base = next((table.baseline for table in tables if table.baseline in known), None)
    if base is None or base == best:
        return [f"{said}."]
    return [f"{said}; {readable(base)} has {_percent(known[base])}."]


def _by_problem(tables: Sequence[Table]) -> list[str]:
    """Name the objectives with the largest mean share on each problem; several where they tie."""
    leaders = {table.problem: found for table in tables if (found := _leaders(table))}
    if len(leaders) < 2:
        return []
    if len(set(leaders.values())) == 1:
        return [f"{_have(next(iter(leaders.values())))} the largest mean share on every problem."]
    (problem, labels), *others = leaders.items()
    said = [f"{_have(labels)} the largest mean share on {readable(problem)}"]
    said += [f"{_names(other)} on {readable(at)}" for at, other in others]
    everywhere = set.intersection(*map(set, leaders.values()))
    return [f"{_join(said)}." if everywhere else f"No objective leads everywhere: {_join(said)}."]


def _leaders(table: Table) -> tuple[str, ...]:
    """Return the labels of the rows whose mean share is the largest, to rounding."""
    means = {row.label: mean for row in table.rows if not row.control and (mean := _mean(row)) is not None}
    return tuple(label for label, mean in means.items() if math.isclose(mean, max(means.values()), abs_tol=1e-9))


def _have(labels: Sequence[str]) -> str:
    return f"{_names(labels)} {'has' if len(labels) == 1 else 'have'}"


def _against(tables: Sequence[Table]) -> list[str]:
    """Count the rows that are better and worse than the baseline, and those that differ in both directions."""
    said: list[str] = []
    for table in tables:
        verdicts: list[str] = [comparison.verdict.word for comparison in against_baseline(table)]
        if verdicts:
            words = ["better", "worse", *(["different"] if "different" in verdicts else [])]
            counted = _join([f"{verdicts.count(word)} {word}" for word in words])
            said.append(f"{counted} on {readable(table.problem)}")
    base = next((table.baseline for table in tables if table.baseline), None)
    if not said or base is None:
        return []
    differing = f"Significantly different from {readable(base)} after correction: {'; '.join(said)}"
    return [f"{differing}. The others cannot be distinguished from it."]


def _cost(tables: Sequence[Table]) -> list[str]:
    """State the seconds of a run of each problem's best row, and of the baseline."""
    best, base, fronts = [], [], []
    for table in tables:
        known = front(table)
        if not known:
            continue
        fronts.append(f"{_names(known)} on {readable(table.problem)}")
        best.append(f"{_seconds(table, known[-1])} on {readable(table.problem)} ({readable(known[-1])})")
        if table.baseline is not None and known[-1] != table.baseline:
            base.append(f"{_seconds(table, table.baseline)} on {readable(table.problem)}")
    name = next((table.baseline for table in tables if table.baseline), "")
    rest = f"; {readable(name or '')} takes {_join(base)}." if base else "."
    if not best:
        return []
    how = [f"These are {MEASURED}."] if all(table.costs for table in tables) else []
    beaten = f"Those that no other beats in both quality and time are {'; '.join(fronts)}."
    return [f"A run of the best objective of each problem takes {_join(best)}{rest}", *how, beaten]


def _seconds(table: Table, label: str) -> str:
    row = table.row(label)
    seconds = None if row is None else seconds_of(table, row)
    return "unknown time" if seconds is None else f"{seconds:.3g} s"


def _failures(tables: Sequence[Table]) -> str:
    """Count the failed runs of objectives, and name the rows without a finished run."""
    rows = [row for table in tables for row in table.rows if not row.control]
    failed, runs = sum(row.runs - row.finished for row in rows), sum(row.runs for row in rows)
    if not failed:
        return f"All {runs} runs finished."
    never = dict.fromkeys(row.label for row in rows if row.finished == 0)
    rest = f"; on at least one problem no run of {_names(list(never))} finished." if never else "."
    return f"{failed} of {runs} runs failed{rest}"


def _calm(tables: Sequence[Table]) -> list[str]:
    """State whether the orders have settled by the budget; the tables state by how much they changed."""
    known = {readable(table.problem): order for table in tables if (order := order_calm(table)) is not None}
    if not known:
        return []
    budget = f"{max(order.budget for order in known.values()):,} gradient evaluations"
    words = ("settled", "not settled", "too noisy to say")
    by_word = {word: [problem for problem, order in known.items() if order.verdict == word] for word in words}
    said = [f"{word} on {_join(problems)}" for word, problems in by_word.items() if problems]
    return [f"At {budget} the order is {_join(said)}."]


def _mean(row: Row) -> float | None:
    return None if row.share is None else row.share.mean.value


def _percent(share: Aggregate) -> str:
    bounds = share.interval
    said = f"{100 * (share.value or 0.0):.0f} %"
    return said if bounds is None else f"{said} (95 % interval {100 * bounds.low:.0f} to {100 * bounds.high:.0f})"


def _names(labels: Sequence[str]) -> str:
    more = len(labels) - MOST_NAMED
    shown = [readable(label) for label in labels[:MOST_NAMED]]
    return _join([*shown, f"{more} more"] if more > 0 else shown)


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _intervals(count: int) -> str:
    return "interval" if count == 1 else "intervals"


def _include(count: int) -> str:
    return "includes" if count == 1 else "include"
