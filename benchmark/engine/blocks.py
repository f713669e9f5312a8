"""Blocks of iterations as pure functions of (state, first iteration), and their replay as recorded graphs.

On a GPU a step of small networks is bound by its launches: some 150 to 1,000 kernels of a few microseconds each, sent
one by one from Python. Batches are a pure function of the seed and the iteration, so drawing them and stepping through
them is one function of tensors. It is recorded once as a CUDA graph; a replay costs one launch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Protocol, cast

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

from benchmark.engine.group import Group
from benchmark.engine.state import Batch, State, Terms

Step = Callable[[State, Batch], tuple[State, Terms]]
Block = Callable[[State, Tensor], tuple[State, Terms]]

LENGTHS = (64, 8, 1)  # iterations of the recorded blocks; the longest that ends by the next stop is replayed


def block(group: Group, step: Step, length: int) -> Block:
    """Return the pure function that draws `length` iterations' batches from the first one's number and steps on.

    The terms are those of the last iteration.
    """

    def advance(state: State, first: Tensor) -> tuple[State, Terms]:
        batches, terms = group.draw(first, length), None
        for at in range(length):
            batch = cast(Batch, tree_map(lambda t, at=at: t[at], batches))
            state, terms = step(state, batch)
        assert terms is not None
        return state, terms

    return advance


class Graph(Protocol):
    """Work on fixed tensors, recorded once and replayed at will."""

    def record(self, work: Callable[[], None]) -> None:
        """Record the work. It may be executed as a warm-up, which writes to the tensors."""
        ...

    def replay(self) -> None:
        """Execute the recorded work on the same tensors."""
        ...


@cache
def memory_pool() -> Any:
    """Return the memory pool that all graphs of a process share: none keeps anything in it between replays."""
    return torch.cuda.graph_pool_handle()


class CudaGraph:
    """A `torch.cuda.CUDAGraph`, recorded after a warm-up on another stream, which libraries need for their set-up."""

    def __init__(self) -> None:
        self._graph = torch.cuda.CUDAGraph()

    def record(self, work: Callable[[], None]) -> None:
        """Execute the work once, then record it."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            work()
        torch.cuda.current_stream().wait_stream(side)
        with torch.cuda.graph(self._graph, pool=memory_pool()):
            work()

    def replay(self) -> None:
        """Launch the graph on the current stream."""
        self._graph.replay()


class Recorded:
    """A group's blocks of each length, recorded at their first use on buffers that they share."""

    def __init__(self, group: Group, step: Step, state: State, graph: Callable[[], Graph]) -> None:
        self._group, self._step, self._graph = group, step, graph
        self._state = cast(State, tree_map(torch.clone, state))
        self._next = torch.zeros((), dtype=torch.int64, device=group.roots.device)  # the first iteration to come
        self._blocks: dict[int, tuple[Graph, Terms]] = {}
        self._lengths = [length for length in LENGTHS if length <= group.block]

    def record(self) -> None:
        """Record the shortest block, so that a step that cannot be recorded fails before it is needed."""
        self._block(1)

    def advance(self, state: State, start: int, stops: list[int]) -> Iterator[tuple[int, State, Terms]]:
        """Replay from iteration `start` to the last of the stops, in increasing order.

        Yields the iterations done, and copies of the state and the terms, after each block; every stop ends one.
        """
        at = start
        self._write(state, at)
        for stop in (stop for stop in stops if stop > start):
            while at < stop:
                length = next(length for length in self._lengths if length <= stop - at)
                if length not in self._blocks:
                    kept = tree_map(torch.clone, self._state)
                    self._block(length)
                    self._write(cast(State, kept), at)
                graph, terms = self._blocks[length]
                graph.replay()
                at += length
                yield at, cast(State, tree_map(torch.clone, self._state)), cast(Terms, tree_map(torch.clone, terms))

    def _write(self, state: State, iteration: int) -> None:
        write(self._state, state)
        self._next.fill_(iteration)

    def _block(self, length: int) -> None:
        advance, kept = block(self._group, self._step, length), list[Terms]()

        def work() -> None:
            state, terms = advance(self._state, self._next)
            write(self._state, cast(State, tree_map(torch.clone, state)))  # a copy: one entry may be another's old one
            self._next.add_(length)
            if not kept:
                kept.append(cast(Terms, tree_map(torch.empty_like, terms)))
            write(kept[0], terms)

        graph = self._graph()
        with torch.no_grad():
            graph.record(work)
        self._blocks[length] = graph, kept[0]


def write(buffers: State | Terms, values: State | Terms) -> None:
    """Copy a tree of tensors into another."""
    for buffer, value in zip(tree_leaves(buffers), tree_leaves(values), strict=True):
        buffer.copy_(value)
