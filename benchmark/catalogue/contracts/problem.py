"""What a problem must keep: data that repeat, splits that share nothing, an oracle, networks of its shape."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from benchmark.catalogue.contracts.attempt import Seen, attempt
from benchmark.engine import streams
from benchmark.engine.flat import build_from
from benchmark.problems import Data, Problem, as_floats
from benchmark.runner.evaluate import judge
from objectives.laws.result import LawResult

FEW = 16


def check_problem(problem: Problem, cache: Path) -> list[LawResult]:
    """Return the laws of a problem."""
    loaded: list[Data] = []
    first = attempt("data", "finite numbers, the same whenever they are loaded", partial(_data, problem, cache, loaded))
    if not loaded:
        return [first]
    data = loaded[0]
    fitted = problem.fitted(data)
    return [
        first,
        attempt("splits", "no held-out sample is one of those trained on", partial(_splits, data)),
        attempt("oracle", "the headline can be computed of what is exact", partial(_oracle, fitted, data)),
        attempt("generator", "samples of the data's shape", partial(_generator, fitted)),
        *(
            attempt(f"critic: {kind}", "finite for each sample", partial(_critic, fitted, kind, data))
            for kind in problem.critic_kinds
        ),
    ]


def _data(problem: Problem, cache: Path, loaded: list[Data]) -> Seen:
    data, again = (problem.load(cache) for _ in range(2))
    loaded.append(data)
    samples = as_floats(data.training)
    if not bool(samples.isfinite().all() and data.truth.reference.isfinite().all()):
        return "some are not finite", False
    if data.digest() != again.digest():
        return "loaded twice, they differ: let them depend on fixed seeds alone", False
    low, high = float(samples.min()), float(samples.max())
    if problem.source.image is not None and not 0.0 <= low <= high <= 1.0:
        return f"images lie in [0, 1], these in {low:g} to {high:g}", False
    return (
        f"{len(samples)} of shape {list(samples.shape[1:])}, {low:g} to {high:g}; {len(data.truth.reference)} held out",
        True,
    )


def _splits(data: Data) -> Seen:
    if data.truth.reference.shape[1:] != data.training.shape[1:]:
        return "rows of the training data are parts of samples", None
    trained = {row.numpy().tobytes() for row in as_floats(data.training)}
    copies = sum(row.numpy().tobytes() in trained for row in data.truth.reference.to(torch.float32))
    return f"{copies} of {len(data.truth.reference)} are", copies == 0


def _oracle(problem: Problem, data: Data) -> Seen:
    count = max(problem.judging.counts.values())
    verdict = judge(problem, data, data.oracle(count, streams.generator(0, "check")), 0)
    name = problem.judging.headline[0]
    if name in verdict.scores:
        return f"{name} {verdict.scores[name].value:g}", True
    return f"{name} is absent: {verdict.absent.get(name, 'no evaluator computes it')}", False


def _samples(problem: Problem) -> Tensor:
    network = build_from(problem.generator, streams.generator(0, "check"))
    with torch.no_grad():
        samples: Tensor = network(torch.randn(FEW, problem.noise.dimension))
    return samples


def _generator(problem: Problem) -> Seen:
    shape = tuple(_samples(problem).shape[1:])
    return f"{list(shape)}", shape == problem.source.shape


def _critic(problem: Problem, kind: str, data: Data) -> Seen:
    critic = build_from(partial(problem.critic, kind), streams.generator(0, "check"))  # type: ignore[arg-type]
    with torch.no_grad():
        scores, features = critic(_samples(problem))
    found = features if scores is None else scores
    return f"{list(found.shape)}", len(found) == FEW and bool(found.isfinite().all())
