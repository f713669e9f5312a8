"""Score samples that were made elsewhere: under a problem's protocol with its controls, or against a reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark.engine import streams
from benchmark.errors import UserError
from benchmark.networks import Shape
from benchmark.problems import Data, Problem
from benchmark.problems.reference import COUNT, reference_problem
from benchmark.problems.sample_set import LAYOUTS, Arrange, SampleSet, sample_set
from benchmark.problems.stored import stored
from benchmark.runner.environment import environment
from benchmark.runner.evaluate import judge, on_device, samples_needed
from benchmark.runner.experiment import SHARED, control_experiment, facts_of
from benchmark.runner.generators import generator_at
from benchmark.runner.plan import Plan, load_shown, problems_of
from benchmark.runner.progress import Progress
from benchmark.runner.request import Request
from benchmark.runner.run import carry_out
from benchmark.store import (
    GENERATOR,
    SAMPLES,
    SAMPLES_KEPT,
    End,
    Record,
    RecordedScore,
    check_writable,
    identity_key,
    read_all,
    samples_bytes,
    write_record,
)
from evaluators import EVALUATORS
from evaluators.likelihood import METRICS as LIKELIHOOD
from evaluators.likelihood import SIGMA
from evaluators.likelihood import score as likelihood_score
from evaluators.outside import ASKS_GENERATOR, named_evaluator, try_out
from objectives import OBJECTIVES
from objectives.foundation.names import quote

CONTROLS = "controls"  # the directory in the cache of controls that were drawn for a score
DRAWN = ("oracle", "untrained")  # controls that are drawn where none is on record; the others take minutes
FEW = 1_000  # of a reference


@dataclass(frozen=True)
class Bench:
    """What samples are scored against."""

    problem: Problem
    data: Data
    request: Request
    about: Mapping[str, Any]  # what is the same for all that is scored here
    shape: Shape  # of the samples that it takes
    through: Arrange | None = None  # what they go through before they are kept


@dataclass(frozen=True)
class Scored:
    """The record of a set of samples, and what a reader of its scores should know."""

    record: Record
    cautions: tuple[str, ...]
    files: Mapping[str, bytes]  # kept beside the record


@dataclass(frozen=True)
class Against:
    """What a user asks samples to be scored against besides a problem, and how they are read."""

    reference: Any = None  # in a problem's place
    features: str | None = None  # of a reference
    count: int | None = None  # samples judged on each side of a reference
    layout: str | None = None  # of images, where their shape does not tell


def score_sets(
    sets: Sequence[Any],
    against: Against,
    request: Request,
    results: Path,
    cache: Path,
    progress: Progress,
    *,
    name: str,
    seed: int = 0,
    recorded: bool = False,
) -> tuple[list[Scored], list[Record]]:
    """Score sets of samples, one for each seed, and return them with the control rows.

    `recorded`, they are written under `results` as submissions of the name.
    """
    if (against.reference is None) == (not request.problems):
        raise UserError("Set what to score against: a problem or a reference.")
    if against.reference is None and against.count is not None:
        raise UserError("A problem sets its own number of samples; a count needs a reference.")
    if recorded:
        check_name(name)
    layout = known_layout(against.layout)
    asked = ASKS_GENERATOR in request.evaluators
    if asked:
        others = tuple(one for one in request.evaluators if one != ASKS_GENERATOR)
        request = dataclasses.replace(request, evaluators=others)
        for given in sets:
            if not is_generator(given):
                raise UserError(
                    f"{quote(ASKS_GENERATOR)} needs a generator; pass {GENERATOR}, saved by --keep-generators."
                )
    if against.reference is None:
        bench = problem_bench(request, cache, progress)
    else:
        bench = reference_bench(against, request, cache, progress)
    scored = [
        score_generator(Path(given), bench, name, seed + at, cache, likelihood=asked)
        if is_generator(given)
        else score(given, bench, name, seed + at, layout=layout)
        for at, given in enumerate(sets)
    ]
    if recorded:
        check_writable(results)
        for one in scored:
            write_record(results, one.record, one.files)
    known, _ = read_all(results, cache)
    return scored, control_records(bench, known, cache, progress)


def problem_bench(request: Request, cache: Path, progress: Progress) -> Bench:
    """Return the bench of the one problem of a request, judged by further evaluators where it names some."""
    (problem,) = problems_of(request).values()
    data = load_shown(problem, cache, progress)
    return _bench(problem, data, request, problem.source.image or problem.source.shape)


def reference_bench(against: Against, request: Request, cache: Path, progress: Progress) -> Bench:
    """Return the bench of a reference set; the evaluators of a request take the place of all that apply."""
    count = COUNT if against.count is None else against.count
    reference = sample_set(stored(against.reference, name="the reference"), None, known_layout(against.layout))
    problem, through, able = reference_problem(reference, against.features, request.features, count)
    if request.evaluators:
        problem = _judged_by_alone(problem, request.evaluators, able, count)
    return _bench(problem, load_shown(problem, cache, progress), request, reference.shape, through)


def _judged_by_alone(problem: Problem, evaluators: Sequence[Any], able: Sequence[str], count: int) -> Problem:
    """Return the problem of a reference judged by the evaluators named, of which these are able, and by no other."""
    further = problem.judged_by(evaluators).judging.further
    named = {named_evaluator(one)[0] for one in evaluators}
    unfit = sorted(name for name in further if name in EVALUATORS and name not in able)
    if unfit:
        raise UserError(
            f"The evaluator {quote(unfit[0])} does not apply to this reference; use one of {', '.join(sorted(able))}."
        )
    kept = {name: count for name in problem.judging.evaluators if name in named}
    judging = dataclasses.replace(problem.judging, evaluators=kept or {"frechet": count}, further=further)
    return dataclasses.replace(problem, judging=judging)


def _bench(problem: Problem, data: Data, request: Request, shape: Shape, through: Arrange | None = None) -> Bench:
    for name, evaluator in problem.judging.further.items():
        try_out(name, evaluator, data.truth)
    problem = problem.fitted(data)
    return Bench(problem, data, request, facts_of(problem, data, request), shape, through)


def known_layout(layout: str | None) -> str | None:
    """Return the layout that is meant; raises UserError for one that is not known."""
    if layout is not None and layout.upper() not in LAYOUTS:
        raise UserError(f"The layout must be {' or '.join(LAYOUTS)}, not {quote(layout)}.")
    return None if layout is None else layout.upper()


def check_name(name: str) -> None:
    """Refuse the name of a row that an objective or a control has."""
    if name in OBJECTIVES or name in ("gmm", "kmeans", *DRAWN):
        raise UserError(f"{quote(name)} is the name of an objective or a control; choose another name.")


def score(given: Any, bench: Bench, name: str, seed: int, *, layout: str | None = None) -> Scored:
    """Score one set of samples: a random part of it, as large as the protocol takes, which no order of it decides."""
    wanted = bench.shape
    channels = wanted[0] if len(wanted) == 3 else None
    found = sample_set(stored(given, channels, name), wanted, known_layout(layout), bench.problem.name)
    most = samples_needed(bench.problem)
    drawn = torch.randperm(len(found), generator=streams.generator(seed, "samples to be judged"))[:most]
    samples = found.take(found.order[drawn], bench.through)
    if bench.through is None:
        samples = samples.reshape(-1, *bench.problem.source.shape)
    data = on_device(bench.data, bench.request.device)
    verdict = judge(bench.problem, data, samples.to(bench.request.device), seed)
    facts = {key: bench.about[key] for key in ("problem", *SHARED) if key in bench.about}
    identity = {**facts, "kind": "submission", "name": name, "samples": found.digest(), "seed": seed}
    record = Record(
        key=identity_key(identity),
        kind="submission",
        problem=bench.problem.name,
        row=name,
        seed=seed,
        identity=identity,
        comparable={key: bench.about[key] for key in SHARED if key in bench.about},
        end=End(state="ok"),
        headline=tuple(dict.fromkeys(bench.problem.judging.headline + verdict.further)),
        scores=verdict.scores,
        absent=verdict.absent,
        protocol=verdict.protocol,
        environment=environment(),
    )
    return Scored(record, _cautions(found, bench, most), _kept(samples, bench))


def is_generator(given: Any) -> bool:
    """Return whether what is given is the file of a kept generator."""
    return isinstance(given, str | Path) and Path(given).name == GENERATOR


def score_generator(path: Path, bench: Bench, name: str, seed: int, cache: Path, *, likelihood: bool) -> Scored:
    """Score samples that a kept generator draws now and, where it is asked for, the likelihood that it gives data."""
    record, kept = generator_at(path, cache)
    if record.problem != bench.problem.name:
        raise UserError(f"{quote(path)} was trained on {quote(record.problem)}, not on {quote(bench.problem.name)}.")
    scored = score(kept.sample(samples_needed(bench.problem), seed), bench, name, seed)
    if not likelihood:
        return scored
    found = likelihood_score(
        kept.observed(SIGMA), bench.data.truth, streams.generator(seed, f"evaluator {ASKS_GENERATOR}")
    )
    scores = {
        metric: RecordedScore(
            value=one.value, standard_error=one.standard_error, direction=LIKELIHOOD[metric].direction
        )
        for metric, one in found.scores.items()
    }
    judged = scored.record
    enlarged = dataclasses.replace(
        judged,
        headline=(*judged.headline, *LIKELIHOOD),
        scores={**judged.scores, **scores},
        absent={**judged.absent, **found.absent},
        protocol={**judged.protocol, **dict.fromkeys(scores, found.protocol)},
    )
    return dataclasses.replace(scored, record=enlarged)


def _kept(samples: Tensor, bench: Bench) -> dict[str, bytes]:
    return {} if bench.through is not None else {SAMPLES: samples_bytes(samples[:SAMPLES_KEPT].numpy())}


def _cautions(found: SampleSet, bench: Bench, most: int) -> tuple[str, ...]:
    """Return a sentence for each reason to doubt the scores of a set."""
    name, count, reference = found.stored.name, len(found), len(bench.data.truth.reference)
    copies = count - len(found.seen.hashes.unique())
    said = [f"{line}." for line in found.stored.notes]
    if count < most:
        said.append(
            f"{name} has {count:,} samples but the protocol uses {most:,}: a Fréchet distance is larger for fewer "
            "samples, so compare it only with scores of equally many."
        )
    if copies:
        said.append(f"{copies:,} of {count:,} samples of {name} are exact copies of other samples.")
    if reference < FEW:
        said.append(f"The reference has only {reference:,} samples; such scores rank models poorly.")
    return tuple(said)


def control_records(bench: Bench, known: Sequence[Record], cache: Path, progress: Progress) -> list[Record]:
    """Return the controls of a bench: those on record, and the oracle and untrained generator, drawn where they miss.

    What is drawn is kept in the cache.
    """
    problem, about = bench.problem, bench.about
    own = [record for record in known if record.kind == "control" and record.problem == problem.name]
    keys = {record.key for record in own}
    wanted = [
        run
        for control in problem.controls
        if control in DRAWN
        for run in control_experiment(problem, control, about).runs((0,))
        if run.key not in keys
    ]
    if not wanted:
        return own
    planned = Plan(tuple(wanted), {problem.name: bench.data})
    return own + list(carry_out(planned, bench.request, cache / CONTROLS, cache, progress).records)
