"""Attribute a failure to the objective's own code, to lack of memory, or to this program."""

from __future__ import annotations

import inspect
import sys

import torch

from benchmark.engine.game import NotALossError
from objectives import Objective
from objectives.compose import parts
from objectives.foundation.loading import on_one_line
from objectives.foundation.source import is_outside

# Messages of allocators when memory is exhausted; only a GPU's failure has its own exception type.
OUT_OF_MEMORY = ("not enough memory", "out of memory", "can't allocate memory", "Cannot allocate memory")


def blamed(error: BaseException, objective: Objective) -> str | None:
    """Describe a failure with the line of the objective's own files that caused it; None if none of them did."""
    own = _own(objective)
    if isinstance(error, NotALossError) and own:
        return f"{on_one_line(error)}{_place(vars(own[-1]).get(error.method, own[-1]))}"
    places = (getattr(sys.modules.get(kind.__module__), "__file__", None) for kind in own)
    line, with_place = on_one_line(error), on_one_line(error, [str(place) for place in places if place])
    return with_place if with_place != line else None


def trial_fault(error: BaseException, objective: Objective) -> str:
    """Describe why an objective cannot be trained, with the line at fault or else that of its class."""
    own = _own(objective)
    return blamed(error, objective) or f"{on_one_line(error)}{_place(own[-1]) if own else ''}"


def out_of_memory(error: BaseException) -> bool:
    """Return whether a failure means that memory is exhausted."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)


def _own(objective: Objective) -> list[type]:
    """List the classes of a game that were written outside this package."""
    return [type(part) for part in parts(objective) if is_outside(type(part))]


def _place(written: object) -> str:
    try:
        file, (_, line) = inspect.getsourcefile(written), inspect.getsourcelines(written)  # type: ignore[arg-type]
    except (OSError, TypeError):  # defined in a session
        return ""
    return f" ({file}, line {line})"
