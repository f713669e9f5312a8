"""The loop: feed a group's step with batches, one iteration at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from torch.utils._pytree import tree_map

from benchmark.engine.group import Group
from benchmark.engine.program import compile_step, straighten
from benchmark.engine.state import Batch, State, Terms

TRACE_FROM = 200  # shorter runs do not earn back the second or two that tracing the step takes


class Position(NamedTuple):
    """Where a group stands: iterations done, the state after them, and what the last one reported."""

    iteration: int
    state: State
    terms: Terms | None


def feed(group: Group, start: int, stop: int) -> Iterator[Batch]:
    """Return the batches of iterations [start, stop), drawn a block at a time."""
    for first in range(start, stop, group.block):
        last = min(first + group.block, stop)
        block = group.batches(first, last)
        for position in range(last - first):
            yield tree_map(lambda t, at=position: t[at], block)


def advance(group: Group, state: State, start: int = 0, *, compiled: bool = False) -> Iterator[Position]:
    """Train from iteration `start` to the end of the budget, giving every position on the way.

    Whether the step is straightened follows from the whole budget, not from what is left of it, so that a resumed run
    computes what the uninterrupted one does.
    """
    stop = group.play.iterations
    step: Callable[[State, Batch], tuple[State, Terms]] = group.step
    if stop >= TRACE_FROM and start < stop:
        step = straighten(group.step, state, next(feed(group, start, start + 1)))
    if compiled:
        step = compile_step(step)
    for iteration, batch in enumerate(feed(group, start, stop), start + 1):
        state, terms = step(state, batch)
        yield Position(iteration, state, terms)
