"""Score samples that were made elsewhere, or that a kept generator draws now, in the form of records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmark.engine import streams
from benchmark.errors import UserError
from benchmark.problems.sample_set import SampleSet, sample_set
from benchmark.problems.stored import stored
from benchmark.runner.environment import environment
from benchmark.runner.evaluate import RunScores, evaluate_samples, on_device, samples_needed
from benchmark.runner.experiment import SHARED
from benchmark.runner.generators import TrainedGenerator, generator_at
from benchmark.runner.progress import Progress
from benchmark.runner.request import Request
from benchmark.runner.scoring_task import (
    DRAWN,
    Reference,
    ScoringTask,
    control_records,
    known_layout,
    problem_task,
    reference_task,
)
from benchmark.store import (
    GENERATOR,
    SAMPLES,
    SAMPLES_KEPT,
    End,
    Record,
    check_writable,
    identity_key,
    read_all,
    samples_bytes,
    write_record,
)
from evaluators.likelihood import METRICS as LIKELIHOOD
from evaluators.likelihood import SIGMA
from evaluators.likelihood import score as likelihood_of
from evaluators.outside import ASKS_GENERATOR
from objectives import OBJECTIVES
from objectives.foundation.names import quote

SMALL_REFERENCE = 1_000  # samples


@dataclass(frozen=True)
class Scored:
    """The record of a set of samples, its files, and what a reader of its scores should know."""

    record: Record
    cautions: tuple[str, ...]
    files: Mapping[str, bytes]


def score_sets(
    sets: Sequence[Any],
    reference: Reference | None,
    request: Request,
    results: Path,
    cache: Path,
    progress: Progress,
    *,
    name: str,
    seed: int = 0,
    layout: str | None = None,
    recorded: bool = False,
) -> tuple[list[Scored], list[Record]]:
    """Score sets of samples, one for each seed, and return them with the control rows.

    They are scored against a reference or, without one, against the problem of the request. `layout` is that of images
    whose shape is ambiguous. If `recorded`, they are written under `results` as submissions of the name.
    """
    if (reference is None) == (not request.problems):
        raise UserError("Set what to score against: a problem or a reference.")
    if recorded:
        check_name(name)
    layout = known_layout(layout)
    likelihood = ASKS_GENERATOR in request.evaluators
    if likelihood:
        check_generators(sets)
        others = tuple(one for one in request.evaluators if one != ASKS_GENERATOR)
        request = dataclasses.replace(request, evaluators=others)
    if reference is None:
        task = problem_task(request, cache, progress)
    else:
        task = reference_task(reference, layout, request, cache, progress)
    scored = [
        score_generator(Path(given), task, name, seed + at, cache, likelihood=likelihood)
        if is_generator(given)
        else score(given, task, name, seed + at, layout=layout)
        for at, given in enumerate(sets)
    ]
    if recorded:
        check_writable(results)
        for one in scored:
            write_record(results, one.record, one.files)
    known, _ = read_all(results, cache)
    return scored, control_records(task, known, cache, progress)


def check_name(name: str) -> None:
    """Raise UserError for a row's name that an objective or a control has."""
    if name in OBJECTIVES or name in ("gmm", "kmeans", *DRAWN):
        raise UserError(f"{quote(name)} is the name of an objective or a control; choose another name.")


def is_generator(given: Any) -> bool:
    """Return whether what is given is the file of a kept generator."""
    return isinstance(given, str | Path) and Path(given).name == GENERATOR


def check_generators(sets: Sequence[Any]) -> None:
    """Raise UserError unless all sets are files of kept generators, whose likelihood can be estimated."""
    if not all(map(is_generator, sets)):
        raise UserError(f"{quote(ASKS_GENERATOR)} needs a generator; pass {GENERATOR}, saved by --keep-generators.")


def score(given: Any, task: ScoringTask, name: str, seed: int, *, layout: str | None = None) -> Scored:
    """Score one set of samples: as many as the protocol needs, drawn at random independently of the set's order."""
    channels = task.shape[0] if len(task.shape) == 3 else None
    found = sample_set(stored(given, channels, name), task.shape, known_layout(layout), task.problem.name)
    most = samples_needed(task.problem)
    drawn = torch.randperm(len(found), generator=streams.generator(seed, "samples to be judged"))[:most]
    samples = found.take(found.order[drawn], task.arrange)
    if task.arrange is None:
        samples = samples.reshape(-1, *task.problem.source.shape)
    device = task.request.device
    scores = evaluate_samples(task.problem, on_device(task.data, device), samples.to(device), seed)
    record = _submission(task, name, found.digest(), seed, scores)
    kept = {SAMPLES: samples_bytes(samples[:SAMPLES_KEPT].numpy())} if task.arrange is None else {}
    return Scored(record, _cautions(found, task, most), kept)


def _submission(task: ScoringTask, name: str, digest: str, seed: int, scores: RunScores) -> Record:
    """Return the record of a set of samples of which nothing but the samples is known."""
    comparable = {key: task.facts[key] for key in SHARED if key in task.facts}
    facts = {"problem": task.facts["problem"], **comparable}
    identity = {**facts, "kind": "submission", "name": name, "samples": digest, "seed": seed}
    return Record(
        key=identity_key(identity),
        kind="submission",
        problem=task.problem.name,
        row=name,
        seed=seed,
        identity=identity,
        comparable=comparable,
        end=End(state="ok"),
        headline=tuple(dict.fromkeys(task.problem.judging.headline + scores.further)),
        scores=scores.scores,
        absent=scores.absent,
        protocol=scores.protocol,
        environment=environment(),
    )


def score_generator(path: Path, task: ScoringTask, name: str, seed: int, cache: Path, *, likelihood: bool) -> Scored:
    """Score samples drawn from a kept generator and, if requested, the likelihood that it gives the data."""
    record, generator = generator_at(path, cache)
    if record.problem != task.problem.name:
        raise UserError(f"{quote(path)} was trained on {quote(record.problem)}, not on {quote(task.problem.name)}.")
    scored = score(generator.sample(samples_needed(task.problem), seed), task, name, seed)
    return _with_likelihood(scored, generator, task, seed) if likelihood else scored


def _with_likelihood(scored: Scored, generator: TrainedGenerator, task: ScoringTask, seed: int) -> Scored:
    random = streams.generator(seed, f"evaluator {ASKS_GENERATOR}")
    evaluation = likelihood_of(generator.observed(SIGMA), task.data.truth, random)
    found = RunScores.of(evaluation, lambda metric: LIKELIHOOD[metric].direction)
    record = scored.record
    enlarged = dataclasses.replace(
        record,
        headline=(*record.headline, *LIKELIHOOD),
        scores={**record.scores, **found.scores},
        absent={**record.absent, **found.absent},
        protocol={**record.protocol, **found.protocol},
    )
    return dataclasses.replace(scored, record=enlarged)


def _cautions(found: SampleSet, task: ScoringTask, most: int) -> tuple[str, ...]:
    """Return a sentence for each reason to doubt the scores of a set."""
    name, count, reference = found.stored.name, len(found), len(task.data.truth.reference)
    copies = count - len(found.seen.hashes.unique())
    cautions = [f"{line}." for line in found.stored.notes]
    if count < most:
        cautions.append(
            f"{name} has {count:,} samples but the protocol uses {most:,}: a Fréchet distance is larger for fewer "
            "samples, so compare it only with scores of equally many."
        )
    if copies:
        cautions.append(f"{copies:,} of {count:,} samples of {name} are exact copies of other samples.")
    if reference < SMALL_REFERENCE:
        cautions.append(f"The reference has only {reference:,} samples; such scores rank models poorly.")
    return tuple(cautions)
