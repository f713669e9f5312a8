"""The loop: advance a group to the end of its budget, an iteration or a recorded block at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

import torch
from torch.utils._pytree import tree_map

from benchmark.engine.blocks import CudaGraph, Graph, Recorded, Step
from benchmark.engine.group import Group
from benchmark.engine.program import compile_step, straighten
from benchmark.engine.state import Batch, State, Terms

LOG = logging.getLogger(__name__)
TRACE_FROM = 200  # tracing the step takes a second or two, which shorter runs do not recover


class Position(NamedTuple):
    """The position of a group: iterations done, the state after them, and what the last one reported."""

    iteration: int
    state: State
    terms: Terms | None


def feed(group: Group, start: int, stop: int) -> Iterator[Batch]:
    """Yield the batches of iterations [start, stop), drawn a block at a time."""
    for first in range(start, stop, group.block):
        last = min(first + group.block, stop)
        block = group.batches(first, last)
        for position in range(last - first):
            yield tree_map(lambda t, at=position: t[at], block)


def advance(
    group: Group,
    state: State,
    start: int = 0,
    *,
    stops: Collection[int] = (),
    compiled: bool = False,
    graph: Callable[[], Graph] | None = None,
) -> Iterator[Position]:
    """Train from iteration `start` to the end of the budget.

    Without recording every position is yielded. On CUDA, or where a `graph` is given, whole blocks are replayed, and
    the positions yielded are the blocks' ends, all `stops` among them. Either way the numbers are the same to the bit.

    Whether the step is straightened follows from the whole budget, not from what is left of it, so that a resumed run
    computes what the uninterrupted one does.
    """
    stop, device = group.play.iterations, group.roots.device
    step: Step = group.step
    if stop >= TRACE_FROM and start < stop:
        step = straighten(group.step, state, next(feed(group, start, start + 1)))
        graph = graph or (CudaGraph if device.type == "cuda" and not compiled else None)
    if compiled:
        step = compile_step(step)
    recorded = None if graph is None or start >= stop else _recorded(group, step, state, graph)
    if recorded is not None:
        for reached in recorded.advance(state, start, sorted({*stops, stop})):
            yield Position(*reached)
        return
    for iteration, batch in enumerate(feed(group, start, stop), start + 1):
        state, terms = step(state, batch)
        yield Position(iteration, state, terms)


def _recorded(group: Group, step: Step, state: State, graph: Callable[[], Graph]) -> Recorded | None:
    """Return a group's recorded blocks, or None with a warning if its step cannot be recorded."""
    recorded = Recorded(group, step, state, graph)
    try:
        recorded.record()
    except Exception as error:  # anything a loss does that a graph does not allow
        if isinstance(error, torch.OutOfMemoryError):
            raise
        reason = str(error).partition("\n")[0]
        LOG.warning("A step cannot be recorded as a CUDA graph, so its kernels are launched one by one: %s", reason)
        return None
    return recorded
