"""Build the record of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.engine.group import Group
from benchmark.engine.health import Diagnosis
from benchmark.runner.environment import device_name, environment, peak_memory
from benchmark.runner.evaluate import RunScores
from benchmark.runner.experiment import Run
from benchmark.runner.ladder import rung
from benchmark.store import End, Record, Rung


def record_of(
    run: Run,
    end: Diagnosis,
    scores: RunScores,
    *,
    compute: dict[str, Any],
    group: dict[str, Any],
    rungs: Sequence[Rung] = (),
) -> Record:
    """Build a record; if the run has rungs, its end is added as the last one."""
    experiment, iterations = run.experiment, run.experiment.iterations
    return Record(
        key=run.key,
        kind="control" if experiment.objective is None else "objective",
        problem=experiment.problem.name,
        row=experiment.row,
        track=experiment.track,
        seed=run.seed,
        identity=run.identity,
        comparable=dict(experiment.comparable),
        end=End(state=end.state, iteration=end.iteration, reason=end.reason),
        headline=tuple(dict.fromkeys(experiment.problem.judging.headline + scores.further)),
        scores=scores.scores,
        absent=scores.absent,
        protocol=scores.protocol,
        compute=compute,
        environment=environment(),
        group=group,
        rungs=(*rungs, rung(iterations, experiment.comparable["gradient_evaluations"], end, scores)) if rungs else (),
    )


def cost(group: Group, seconds: float) -> dict[str, Any]:
    """Return the cost of each member: its own updates, and its share of the group's seconds."""
    iterations, per_iteration = group.play.iterations, group.dynamics.cost
    return {
        "gradient_evaluations": iterations * per_iteration.gradients,
        "critic_updates": iterations * per_iteration.critic_updates,
        "generator_updates": iterations * per_iteration.generator_updates,
        "samples_seen": iterations * per_iteration.batches * group.batch,
        "seconds": round(seconds / group.play.members, 3),
        "group_seconds": round(seconds, 3),
        "device": device_name(group.roots.device),
        "peak_memory_mib": peak_memory(group.roots.device),
    }
