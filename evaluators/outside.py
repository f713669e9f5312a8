"""User-defined evaluators: an `Evaluator`, or a function `(samples, truth, generator) -> {name: value}`.

    def energy(samples, truth, generator):
        return {"energy": float(...)}

    energy.better = "lower"    # of all its metrics; without it no order is meant

A value may be a number, a pair (number, standard error), a `Score`, or a sentence that says why there is none.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import torch
from torch import Tensor

from evaluators import EVALUATORS, METRICS
from evaluators.errors import InvalidSamples
from evaluators.guard import admitted
from evaluators.truth import Direction, Evaluation, Evaluator, Metric, Score, Truth
from objectives.foundation.errors import PASSING, PluginError, UserError
from objectives.foundation.loading import Kind, on_one_line
from objectives.foundation.names import folded, quote
from objectives.foundation.process import left_alone
from objectives.foundation.source import source_digest
from objectives.foundation.table import find

METRIC_NAME = re.compile(r"[A-Za-z][\w.-]{0,39}", re.ASCII)
TRIED = 64  # samples
ASKS_GENERATOR = "likelihood"  # what is asked as an evaluator is, but of a generator
WANTED = "write a function (samples, truth, generator) -> {name: value}, or an evaluators.Evaluator"


def _is_evaluator(value: Any) -> bool:
    return isinstance(value, Evaluator) or (inspect.isfunction(value) and len(inspect.signature(value).parameters) == 3)


def _looks_right(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and len(node.args.args) == 3


def as_evaluator(found: Any, name: str) -> Evaluator:
    """Return the evaluator of a user's function or `Evaluator`; raises UserError for anything else."""
    if isinstance(found, Evaluator):
        return found if found.source else dataclasses.replace(found, source=_digest(found.run))
    if not callable(found) or inspect.isclass(found):
        raise UserError(f"{quote(name)} is not an evaluator; {WANTED}")
    better: Direction = getattr(found, "better", "none")
    if better not in get_args(Direction):
        raise UserError(f"{quote(name)} has better = {quote(str(better))}, which must be one of higher, lower, none")
    summary = (inspect.getdoc(found) or f"{name}.").partition("\n")[0]
    return Evaluator(summary, (), {}, Function(found, name, better), source=_digest(found))


EVALUATOR = Kind("evaluator", "an evaluator", "my_metric", _is_evaluator, _looks_right, as_evaluator)


@dataclass(frozen=True)
class Function:
    """The `run` of an evaluator written as a function: its result is checked and process state is protected."""

    function: Any
    name: str
    better: Direction

    def __call__(self, samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
        """Return the function's scores of samples; its failures become absences with a reason."""
        try:
            samples, truth = admitted(samples, truth, None, by_channel=False)
        except InvalidSamples as error:
            return Evaluation({}, {self.metric: str(error)}, {})
        versions = _versions(truth)
        try:
            with left_alone(f"The evaluator {quote(self.name)}", draws=True):
                found = self.function(samples.clone(), truth, generator)
        except (*PASSING, UserError):
            raise
        except BaseException as error:
            file = getattr(getattr(self.function, "__code__", None), "co_filename", "")
            return Evaluation({}, {self.metric: f"{quote(self.name)} failed: {on_one_line(error, [file])}"}, {})
        if _versions(truth) != versions:
            raise PluginError(f"The evaluator {quote(self.name)} changes the truth; use a copy of it")
        scores, absent = self._read(found)
        return Evaluation(scores, absent, {"source": f"sha256:{(_digest(self.function) or 'none')[:16]}"})

    @property
    def metric(self) -> str:
        """Return the name under which the absence of all scores is recorded."""
        return re.sub(r"[^\w.-]", "_", self.name.rpartition(":")[2])[:40]

    def _read(self, found: Any) -> tuple[dict[str, Score], dict[str, str]]:
        if not isinstance(found, Mapping):
            raise PluginError(f"The evaluator {quote(self.name)} returned a {type(found).__name__}; {WANTED}")
        scores: dict[str, Score] = {}
        absent: dict[str, str] = {}
        for name, value in found.items():
            if not isinstance(name, str) or not METRIC_NAME.fullmatch(name):
                raise PluginError(
                    f"The evaluator {quote(self.name)} has a metric {quote(str(name))}; use letters, digits, - and _"
                )
            if isinstance(value, str):
                absent[name] = value
                continue
            score = self._score(name, value)
            if math.isfinite(score.value):
                scores[name] = score
            else:
                absent[name] = f"came out as {score.value}"
        return scores, absent

    def _score(self, name: str, value: Any) -> Score:
        try:
            if isinstance(value, Score):
                return value
            if isinstance(value, tuple):
                number, error = value
                return Score(float(number), float(error))
            return Score(float(value))
        except (TypeError, ValueError, RuntimeError) as error:
            raise PluginError(
                f"The evaluator {quote(self.name)} returned {quote(str(value))} for {name}, which is not a number"
            ) from error


def named_evaluator(item: str | Any) -> tuple[str, Evaluator]:
    """Return an evaluator and its name: one of the table, of a file or module, a plug-in, or a function or value."""
    if not isinstance(item, str):
        name = getattr(item, "__name__", type(item).__name__)
        return _free(name), as_evaluator(item, name)
    for name in EVALUATORS:
        if folded(name) == folded(item):
            return name, EVALUATORS[name]
    if item == ASKS_GENERATOR:
        raise UserError(
            f"{quote(item)} needs a generator, not samples: save one with --keep-generators and score its file, "
            "gan-bench score RUN/generator.pt --evaluator likelihood"
        )
    found: Evaluator = find(item, EVALUATOR, EVALUATORS)
    return _free(item.rpartition(":")[2]), found


def _free(name: str) -> str:
    """Return a name if it is not one of ours."""
    if name in EVALUATORS:
        raise UserError(f"The evaluator {quote(name)} has the name of a built-in one; give it another")
    return name


def try_out(name: str, evaluator: Evaluator, truth: Truth) -> None:
    """Run a user-defined evaluator on a few real samples; raises PluginError if it fails."""
    if not isinstance(evaluator.run, Function):
        return
    found = evaluator.run(truth.reference[:TRIED], truth, torch.Generator().manual_seed(0))
    if evaluator.run.metric in found.absent and not found.scores:
        raise PluginError(f"The evaluator {found.absent[evaluator.run.metric]}")


def direction_of(evaluator: Evaluator, metric: str) -> Direction:
    """Return which values of an evaluator's metric are better; "none" if a user's evaluator does not say."""
    if isinstance(evaluator.run, Function):
        return evaluator.run.better
    own = evaluator.metrics.get(metric) or evaluator.metrics.get(metric.split("-", 1)[0])
    known: Metric = own or METRICS.get(metric.split("-", 1)[0]) or Metric("none", "")
    return known.direction


def _digest(function: Any) -> str | None:
    return source_digest(getattr(function, "func", function))


def _versions(truth: Truth) -> list[int]:
    tensors = [getattr(truth, field.name) for field in dataclasses.fields(truth)]
    return [one._version for one in tensors if isinstance(one, Tensor) and not one.is_inference()]
