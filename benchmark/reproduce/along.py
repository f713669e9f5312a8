"""Scores against epochs: the curve, its best and last value, and the effects of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from benchmark.leaderboard.text import number
from benchmark.reproduce.place import Exhibit, Line, Plot
from benchmark.reproduce.target import Curve, Target, TargetRow, Tier
from benchmark.stats import mean_interval, paired_difference
from benchmark.store import Record

Course = Mapping[int, Mapping[int, float]]  # epoch -> seed -> score


def rungs(curve: Curve, tier: Tier) -> tuple[int, ...]:
    """Return the iterations at which a tier scores its runs."""
    return tuple(epoch * length(curve, tier) for epoch in curve.epochs)


def length(curve: Curve, tier: Tier) -> int:
    """Return the number of iterations per epoch on a tier."""
    return tier.epoch or curve.epoch


def course_of(records: Sequence[Record], metric: str, epoch: int) -> Course:
    """Read the scores at the ends of epochs from the rungs of records."""
    found: dict[int, dict[int, float]] = {}
    for record in records:
        for rung in record.rungs:
            if metric in rung.scores and rung.iteration % epoch == 0:
                found.setdefault(rung.iteration // epoch, {})[record.seed] = rung.scores[metric].value
    return dict(sorted(found.items()))


def exhibits(courses: Mapping[str, Course], target: Target) -> list[Exhibit]:
    """Write the scores by epoch, the best and the last beside the paper's, and the effect of each change."""
    assert target.curve is not None
    column, label = target.curve.column, target.curve.label
    epochs = sorted({epoch for course in courses.values() for epoch in course})
    if not epochs:
        return []
    scores = [[name, *(_mean(course.get(epoch, {})) for epoch in epochs)] for name, course in courses.items()]
    head = ["epochs", *(f"{epoch}" for epoch in epochs)]
    shown = [Exhibit(f"{label}, against epochs (mean over seeds ± 95 % interval)", [head, *scores])]
    ends = [_ends(row, courses[row.name], column) for row in target.rows if courses.get(row.name)]
    head_of_ends = ["row", "best", "at epoch", "last", "at epoch", "paper", "paper's value reached"]
    shown.append(Exhibit(f"{label}: best and last mean over seeds", [head_of_ends, *ends]))
    changed = [(row.name, row.against) for row in target.rows if row.against and courses.get(row.name)]
    effects = [[name, *_effect(courses[name], courses.get(base, {}), epochs)] for name, base in changed]
    if effects:
        shown.append(Exhibit("Effect of each change, paired by seed (mean ± 95 % interval)", [head, *effects]))
    return shown


def _mean(values: Mapping[int, float]) -> str:
    mean = mean_interval(list(values.values()))
    if mean.value is None:
        return "–"
    return number(mean.value) if mean.half_width is None else f"{number(mean.value)} ± {mean.half_width:.2g}"


def _ends(row: TargetRow, course: Course, column: str) -> list[str]:
    """Write a row's best and last mean with their epochs, and the epoch that reaches the paper's number."""
    means = {epoch: fmean(values.values()) for epoch, values in course.items()}
    best, last = max(means, key=lambda epoch: means[epoch]), max(means)
    stated = row.paper.get(column)
    value = None if stated is None or isinstance(stated.value, str) else stated.value
    reached = next((epoch for epoch, mean in means.items() if value is not None and mean >= value), None)
    end = ["–", "–"] if value is None else [number(value), "never" if reached is None else f"epoch {reached}"]
    return [row.name, number(means[best]), str(best), number(means[last]), str(last), *end]


def _effect(course: Course, base: Course, epochs: Sequence[int]) -> list[str]:
    """Write the difference from the base row at every epoch that both have."""
    cells = []
    for epoch in epochs:
        difference = paired_difference(course.get(epoch, {}), base.get(epoch, {}))
        if difference.value is None:
            cells.append("–")
            continue
        interval = difference.interval
        half = "" if interval is None else f" ± {(interval.high - interval.low) / 2:.2g}"
        cells.append(f"{difference.value:+.4g}{half}")
    return cells


def plot(courses: Mapping[str, Course], target: Target) -> Plot | None:
    """Plot the mean over seeds against epochs, each seed behind it, and the paper's value; None without scores."""
    assert target.curve is not None
    column = target.curve.column
    lines = []
    for name, course in courses.items():
        seeds = sorted({seed for values in course.values() for seed in values})
        own = {seed: [(epoch, values[seed]) for epoch, values in course.items() if seed in values] for seed in seeds}
        lines += [Line(name, points, faint=True) for points in own.values()]
        lines += [Line(name, [(epoch, fmean(values.values())) for epoch, values in course.items()])] if course else []
    if not lines:
        return None
    stated = [(row.name, row.paper[column].value) for row in target.rows if row.name in courses and column in row.paper]
    levels = {f"{name}, paper": float(value) for name, value in stated if not isinstance(value, str)}
    title = f"{target.curve.label}: mean over seeds (bold) and each seed"
    marks = [mark for name, _ in stated if courses[name] for mark in _marks(courses[name])]
    return Plot("epochs", title, "epochs", target.curve.label, lines, levels, log=True, marks=marks)


def _marks(course: Course) -> list[tuple[str, float, float]]:
    """Label the best and the last mean of a row that the paper has."""
    means = {epoch: fmean(values.values()) for epoch, values in course.items()}
    best, last = max(means, key=lambda epoch: means[epoch]), max(means)
    named = {last: "last", best: "best"} if best != last else {last: "best and last"}
    return [(f"{word} {number(means[epoch])}", epoch, means[epoch]) for epoch, word in named.items()]
