"""Records and tables of one metric, for the tests of comparisons and of the order."""

from dataclasses import replace

from benchmark.leaderboard import Cell, Column, Row, Table
from benchmark.stats import mean_interval
from benchmark.store import End, Record, RecordedScore, Rung, identity_key


def critic_free(row, values, **changes):
    """Build runs of a generator that trains without a critic."""
    return [replace(one, compute={"critic_updates": 0}) for one in runs(row, values, **changes)]


NS = [3.0, 4.0, 5.0, 6.0, 7.0]


def run(row, seed, value, problem="ring", direction="lower", budget=1000):
    """Build the record of a run with one metric; None is a run that diverged."""
    identity = {"row": row, "seed": seed, "problem": problem, "budget": budget}
    return Record(
        key=identity_key(identity),
        kind="objective",
        problem=problem,
        row=row,
        track="shared",
        seed=seed,
        identity=identity,
        comparable={"budget": budget},
        end=End(state="ok" if value is not None else "diverged"),
        scores={} if value is None else {"fd": RecordedScore(value=float(value), direction=direction)},
    )


def runs(row, values, **changes):
    """Build one run per value, seeds from 0."""
    return [run(row, seed, value, **changes) for seed, value in enumerate(values)]


NS = [3.0, 4.0, 5.0, 6.0, 7.0]


def table(problem, **rows):
    """Build a table of a lower-is-better metric; None is a failed run."""
    built = tuple(
        Row(
            label,
            False,
            {seed: "diverged" if value is None else "ok" for seed, value in enumerate(values)},
            (
                Cell(
                    {s: v for s, v in enumerate(values) if v is not None},
                    mean_interval([v for v in values if v is not None]),
                ),
            ),
        )
        for label, values in rows.items()
    )
    return Table(problem, "shared", {}, (Column("fd", "lower"),), built, "fd", "ns")


def control(row, seed, value, problem="ring", direction="lower"):
    """Build the record of a control with one metric, which joins tables of every budget."""
    identity = {"row": row, "seed": seed, "problem": problem}
    return Record(
        key=identity_key(identity),
        kind="control",
        problem=problem,
        row=row,
        seed=seed,
        identity=identity,
        end=End(state="ok"),
        scores={"fd": RecordedScore(value=float(value), direction=direction)},
    )


def climb(row, seed, values, problem="ring", direction="lower", budget=8000, cost=3):
    """Build the record of a run scored at rungs that double up to its budget; None is a rung at which it diverged."""
    rungs = []
    for at, value in enumerate(values):
        part = budget >> (len(values) - 1 - at)
        iteration = part // cost
        end = End("diverged" if value is None else "ok", iteration)
        scores = {} if value is None else {"fd": RecordedScore(float(value), direction=direction)}
        rungs.append(Rung(iteration, part, end, scores))
    last = rungs[-1]
    identity = {"row": row, "problem": problem, "iterations": last.iteration, "seed": seed}
    return Record(
        key=identity_key(identity),
        kind="objective",
        problem=problem,
        row=row,
        track="shared",
        seed=seed,
        identity=identity,
        comparable={"gradient_evaluations": budget},
        end=last.end,
        scores=last.scores,
        compute={"gradient_evaluations": last.iteration * cost, "seconds": 8.0},
        rungs=tuple(rungs),
    )


def climbs(row, *values, **changes):
    """Build one run per list of values at rungs, seeds from 0."""
    return [climb(row, seed, own, **changes) for seed, own in enumerate(values)]


def controls(problem="ring", direction="lower", untrained=8.0, oracle=0.5):
    """Build both ends of the way."""
    ends = {"untrained": untrained, "oracle": oracle}
    return [control(name, 0, value, problem, direction) for name, value in ends.items()]
