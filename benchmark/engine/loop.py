"""The loop: feed a group's step with batches, report at chosen iterations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from torch.utils._pytree import tree_map

from benchmark.engine.group import Group
from benchmark.engine.program import straighten
from benchmark.engine.state import Batch, State, Terms

TRACE_FROM = 200  # shorter runs do not earn back the second or two that tracing the step takes

Report = Callable[[int, State, Terms], None]


def feed(group: Group, start: int, stop: int) -> Iterator[Batch]:
    """Give the batches of iterations [start, stop), drawn a block at a time."""
    for first in range(start, stop, group.block):
        last = min(first + group.block, stop)
        block = group.batches(first, last)
        for position in range(last - first):
            yield tree_map(lambda t, at=position: t[at], block)


def train(group: Group, state: State, start: int, stop: int, marks: Collection[int], report: Report) -> State:
    """Advance from iteration `start` to `stop`; `report` is called after each iteration whose number is in `marks`."""
    step: Callable[[State, Batch], tuple[State, Terms]] = group.step
    if group.play.iterations >= TRACE_FROM and start < stop:
        step = straighten(group.step, state, next(feed(group, start, start + 1)))
    for iteration, batch in enumerate(feed(group, start, stop), start):
        state, terms = step(state, batch)
        if iteration + 1 in marks:
            report(iteration + 1, state, terms)
    return state
