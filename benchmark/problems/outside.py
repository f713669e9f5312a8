"""User-defined problems: data files, `path/file.py:Name`, `module:Name`, entry points, and values given in Python."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from benchmark.errors import PluginError, UserError
from benchmark.problems.arrays import LARGEST, read_arrays
from benchmark.problems.base import Problem
from benchmark.problems.data import Data
from benchmark.problems.generated import Generated
from benchmark.problems.samples import from_arrays, from_samples, problem_of_data
from objectives.foundation.errors import PASSING
from objectives.foundation.loading import Kind, on_one_line
from objectives.foundation.names import quote
from objectives.foundation.process import left_alone
from objectives.foundation.source import is_outside, place_of, source_digest

WANTED = "a Problem, samples [N, ...], a pair of samples and labels, a dict of arrays, or a torch Dataset"


def problem_of_file(name: str) -> Problem:
    """Return the problem of a file of arrays; it is named by its content, so that a copy is the same problem."""
    return _read_from(name, from_arrays(read_arrays(Path(name).expanduser())))


def _read_from(name: str, problem: Problem) -> Problem:
    judging = dataclasses.replace(problem.judging, notes=(*problem.judging.notes, f"read from {quote(name)}."))
    return dataclasses.replace(problem, judging=judging)


def as_problem(value: Any, name: str | None = None) -> Problem:
    """Return the problem of a value: a problem, samples, a data set, or what gives one when called."""
    if isinstance(value, Problem):
        return dataclasses.replace(value, origin=_origin(value))
    if isinstance(value, Data):
        return problem_of_data(value, name)
    if isinstance(value, Tensor | np.ndarray):
        return from_samples(value, name=name)
    if isinstance(value, tuple) and len(value) == 2:
        return from_samples(*value, name=name)
    if isinstance(value, dict):
        return from_arrays(value, name)
    if isinstance(value, Dataset):
        return from_samples(*_items(value), name=name)
    if inspect.isclass(value) or inspect.isfunction(value):
        return _called(value, name or place_of(value))
    raise UserError(f"A {quote(type(value).__name__)} is not a problem; pass {WANTED}.")


def _called(make: Callable[[], Any], name: str) -> Problem:
    """Call a user's class or function, which must not change process state."""
    try:
        with left_alone(f"The problem {quote(name)}", draws=True):
            made = make()
    except (*PASSING, UserError):
        raise
    except BaseException as error:
        file = inspect.getsourcefile(make) or ""
        raise PluginError(f"The problem {quote(name)} cannot be built: {on_one_line(error, [file])}") from error
    if inspect.isclass(made) or inspect.isfunction(made):
        raise UserError(f"{quote(name)} gives {quote(type(made).__name__)}, which is not a problem; return {WANTED}.")
    problem = as_problem(made, name)
    stated = made.about if isinstance(made, Problem) else ""
    about = stated or make.__doc__ or problem.about
    return dataclasses.replace(problem, name=name, about=about, origin={"source": _digest(make)})


def _origin(problem: Problem) -> dict[str, str]:
    """Return what distinguishes a problem made in Python from others on the same data: its user code."""
    parts: list[Any] = [type(problem.source), problem.judging.extractor, *map(type, problem.own.values())]
    if isinstance(problem.source, Generated):
        parts += [problem.source.sample, problem.source.log_density]
    parts = [part.func if isinstance(part, partial) else part for part in parts if part is not None]
    digests = sorted({_digest(part) for part in parts if is_outside(part)})
    return {"architecture": repr(problem.architecture)} | ({"source": " ".join(digests)} if digests else {})


def _digest(value: Any) -> str:
    """Return the digest of the source; without source it is a new problem in every process, never on record."""
    digest = source_digest(value)
    return f"unknown {secrets.token_hex(8)}" if digest is None else f"sha256:{digest}"


def _items(dataset: Dataset[Any]) -> tuple[Any, Any]:
    """Return all samples and labels of a data set whose items are samples, or pairs of a sample and a label."""
    samples, labels, size = [], [], 0
    for item in _each(dataset):
        sample, label = item if isinstance(item, tuple | list) and len(item) == 2 else (item, None)
        array = np.asarray(sample)
        size += array.nbytes
        if size > LARGEST:
            raise UserError(f"The data set has more than {LARGEST:,} bytes.")
        samples.append(array)
        labels.append(label)
    shapes = {array.shape for array in samples}
    if len(shapes) != 1:
        raise UserError(f"The samples of the data set have {len(shapes)} different shapes; they must have one.")
    return np.stack(samples), None if any(label is None for label in labels) else np.asarray(labels)


def _each(dataset: Dataset[Any]) -> Iterator[Any]:
    if not hasattr(dataset, "__len__"):
        raise UserError("A data set must have a length: define __len__.")
    return (dataset[row] for row in range(len(dataset)))


def _belongs(value: Any) -> bool:
    made = inspect.isfunction(value) and not inspect.signature(value).parameters
    made = made or (inspect.isclass(value) and issubclass(value, Problem))
    return isinstance(value, Problem) or (made and is_outside(value))


def _looks_right(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and not node.args.args


def _check(found: Any, text: str) -> Problem:
    if isinstance(found, Problem):
        return dataclasses.replace(as_problem(found), name=text)
    return as_problem(found, text)


PROBLEM = Kind("problem", "a problem", "MyProblem", _belongs, _looks_right, _check)
