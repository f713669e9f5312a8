"""Whose fault a failure is: the objective's own code, the memory's, or ours."""

from __future__ import annotations

import sys

import torch

from objectives import Objective
from objectives.compose import parts
from objectives.outside import is_outside, told

# How allocators say that there is no room; only a GPU's failure has a type of its own.
NO_ROOM = ("not enough memory", "out of memory", "can't allocate memory", "Cannot allocate memory")


def blamed(error: BaseException, objective: Objective) -> str | None:
    """Tell a failure and the line of the objective's own files that led to it; None where none of theirs did."""
    modules = (sys.modules.get(type(part).__module__) for part in parts(objective) if is_outside(type(part)))
    places = (getattr(module, "__file__", None) for module in modules)
    files = [str(place) for place in places if place]
    line, with_place = told(error), told(error, files)
    return with_place if with_place != line else None


def out_of_memory(error: BaseException) -> bool:
    """Tell whether a failure means that memory does not suffice."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in NO_ROOM)
