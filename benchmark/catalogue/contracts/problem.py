"""The contract of problems: laws on data, splits, oracle, networks and scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from benchmark.problems import Data, Problem, as_floats
from benchmark.runner.evaluate import evaluate_samples
from objectives.foundation.errors import PASSING
from objectives.foundation.loading import on_one_line
from objectives.laws.result import LawResult, absent

FEW = 64  # samples that networks see
SEED = 2018

Law = Callable[[Problem, Data, Path], LawResult]


def same_twice(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Load the data again: all runs must train on the same data and be scored against the same data."""
    again = problem.load(cache).digest()
    return LawResult("same twice", f"data {data.digest()}", f"data {again}", again == data.digest())


def samples(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Check all samples: floats or bytes of the stated shape, finite, and images in [0, 1]."""
    shape = problem.source.shape
    expected = f"finite samples of shape {list(shape)}" + (" in [0, 1]" if problem.source.image else "")
    parts = {"training": data.training, "validation": data.truth.validation, "reference": data.truth.reference}
    if problem.source.stack > 1:
        parts.pop("training")  # rows of it are stacked when a batch is drawn
    for name, part in parts.items():
        if part is not None and (wrong := _wrong(part, shape, problem.source.image is not None)):
            return LawResult("samples", expected, f"{name}: {wrong}", False)
    return LawResult("samples", expected, f"{len(data.training):,} train, {len(data.truth.reference):,} held out", True)


def _wrong(part: Tensor, shape: tuple[int, ...], image: bool) -> str | None:
    if not len(part) or tuple(part.shape[1:]) != shape:
        return f"{len(part)} of shape {list(part.shape[1:])}"
    if part.dtype not in (torch.float32, torch.uint8):
        return f"{part.dtype} and not float32 or uint8"
    values = as_floats(part)
    if not bool(torch.isfinite(values).all()):
        return "some are not finite"
    low, high = float(values.min()), float(values.max())
    return f"values in [{low:g}, {high:g}]" if image and not 0.0 <= low <= high <= 1.0 else None


def splits(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Look for held-out samples among those trained on: a copied set would score as well as the truth."""
    expected = "no held-out sample is in the training data"
    if problem.source.stack > 1:
        return absent("splits", expected, "samples are stacked when a batch is drawn")
    known = {row.numpy().tobytes() for row in as_floats(data.training)}
    count = sum(row.numpy().tobytes() in known for row in data.truth.reference)
    share = count / len(data.truth.reference)  # float32 numbers on a line repeat by chance
    return LawResult("splits", expected, f"{count} of {len(data.truth.reference)}", share <= 0.05)


def selection(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Look for held-out samples in the data that settings are chosen by."""
    chosen = problem.selection(data)
    expected = "no held-out sample in the data used to select settings"
    held_out = {row.numpy().tobytes() for row in data.truth.reference}
    parts = [chosen.truth.reference] + ([chosen.training] if problem.source.stack == 1 else [])
    count = sum(row.numpy().tobytes() in held_out for part in parts for row in as_floats(part))
    size = sum(map(len, parts))
    return LawResult("selection", expected, f"{count} of {size}", count <= 0.05 * size)


def oracle(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Draw from the oracle three times: twice with one seed, once with another."""
    expected = f"samples of shape {list(problem.source.shape)}, determined by the seed"
    first, again, other = (data.oracle(FEW, torch.Generator().manual_seed(seed)) for seed in (SEED, SEED, SEED + 1))
    if wrong := _wrong(first, problem.source.shape, problem.source.image is not None):
        return LawResult("oracle", expected, wrong, False)
    if not torch.equal(first, again):
        return LawResult("oracle", expected, "two draws of one seed differ", False)
    if len(data.training) > 1 and torch.equal(first, other):
        return LawResult("oracle", expected, "two seeds give the same samples", False)
    return LawResult("oracle", expected, "the same samples for one seed, others for another", True)


def density(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Compare the mean log-density of the reference with that of the reference moved by its own deviation."""
    expected = "a finite log-density [N], higher at the reference than at shifted points"
    if data.truth.log_density is None:
        return absent("density", expected, "no density is known")
    points = data.truth.reference[:1_000]
    there, beside = data.truth.log_density(points), data.truth.log_density(points + 3.0 * points.std(0))
    if there.shape != (len(points),) or not bool(torch.isfinite(there).all()):
        return LawResult("density", expected, f"shape {list(there.shape)}, or not finite", False)
    seen = f"{float(there.mean()):.3g} against {float(beside.mean()):.3g}"
    return LawResult("density", expected, seen, float(there.mean()) > float(beside.mean()))


def generator(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Build the generator and draw from it."""
    expected = f"finite samples of shape {list(problem.source.shape)}"
    network = problem.fitted(data).generator()
    drawn = network(torch.randn(FEW, problem.noise.dimension, generator=torch.Generator().manual_seed(SEED))).detach()
    wrong = _wrong(drawn, problem.source.shape, problem.source.image is not None)
    count = sum(parameter.numel() for parameter in network.parameters())
    return LawResult("generator", expected, wrong or f"{problem.network}: {count:,} parameters", wrong is None)


def critics(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Build the critics of all kinds, alone and on pairs, and take the gradient at real samples."""
    expected = f"finite scores or features, and gradients, of {', '.join(problem.critic_kinds)}"
    real = data.oracle(8, torch.Generator().manual_seed(SEED))
    for kind in problem.critic_kinds:
        for packing in (1, 2):
            x = real.reshape(len(real) // packing, packing * real.shape[1], *real.shape[2:]).requires_grad_()
            found = problem.critic(kind, packing)(x)
            values = found.features if found.scores is None else found.scores
            if (found.scores is None) != (kind == "embedding") or len(values) != len(x):
                return LawResult("critics", expected, f"{kind} of {packing}: {list(values.shape)}", False)
            (gradient,) = torch.autograd.grad(values.sum(), x)
            if not bool(torch.isfinite(values).all() and torch.isfinite(gradient).all()):
                return LawResult("critics", expected, f"{kind} of {packing}: not finite", False)
    return LawResult("critics", expected, "alone and on packs of two", True)


def scores(problem: Problem, data: Data, cache: Path) -> LawResult:
    """Score the oracle by the problem's evaluators: they must give every column of the leaderboard."""
    expected = f"the leaderboard's columns {', '.join(problem.judging.headline)}"
    count = max(problem.judging.counts.values())
    found = evaluate_samples(problem, data, data.oracle(count, torch.Generator().manual_seed(SEED)), SEED)
    missing = [name for name in problem.judging.headline if name not in found.scores]
    why = "; ".join(f"{name}: {found.absent.get(name, 'no evaluator computes it')}" for name in missing)
    return LawResult("scores", expected, why or "all computed", not missing)


LAWS: dict[str, Law] = {
    "same twice": same_twice,
    "samples": samples,
    "splits": splits,
    "selection": selection,
    "oracle": oracle,
    "density": density,
    "generator": generator,
    "critics": critics,
    "scores": scores,
}


def check_problem(problem: Problem, cache: Path) -> list[LawResult]:
    """Check a problem against every law; an exception is a failure. Raises UserError if the data cannot be loaded."""
    data = problem.load(cache)
    return [_checked(name, law, problem, data, cache) for name, law in LAWS.items()]


def _checked(name: str, law: Law, problem: Problem, data: Data, cache: Path) -> LawResult:
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)  # of the networks' weights
            return law(problem, data, cache)
    except PASSING:
        raise
    except BaseException as error:
        return LawResult(name, "no exception", on_one_line(error), False)
