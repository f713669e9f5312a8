"""How much memory a group's step needs, measured without a device by running it on tensors without values."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from benchmark.engine.blocks import block
from benchmark.engine.group import form
from benchmark.problems import Problem, Training
from objectives import Objective

HEADROOM = 1.5  # ours: for fragmentation, libraries' workspaces and the samples to be scored
META = torch.device("meta")


class Peak(TorchDispatchMode):
    """Tracks the bytes of live tensors; `most` is the largest sum so far."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.most = 0
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operation and count the storages that it made."""
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._watch(leaf.untyped_storage())
        return result

    def _watch(self, storage: torch.UntypedStorage) -> None:
        if storage in self._known:
            return
        self._known.add(storage)
        size = storage.nbytes()
        self.live += size
        self.most = max(self.most, self.live)
        weakref.finalize(storage, self._release, size)

    def _release(self, size: int) -> None:
        self.live -= size


def group_bytes(problem: Problem, objective: Objective, training: Training, members: int, data: torch.Tensor) -> int:
    """Return the bytes that a group of `members` needs besides the data: its state, a batch and one step."""
    group = form(problem, objective, training, range(members), data[:1], 1)
    state = tree_map(lambda t: t.to(META), group.start())
    labels = group.play.labels
    labels = None if labels is None else labels.to(META)
    play = dataclasses.replace(group.play, data=data[:1].to(META), settings={}, labels=labels)
    on_meta = dataclasses.replace(group, play=play, roots=group.roots.to(META))
    state_bytes = sum(leaf.nbytes for leaf in tree_leaves(state))
    with Peak() as peak:
        block(on_meta, on_meta.step, 1)(state, torch.zeros((), dtype=torch.int64, device=META))
    return int(HEADROOM * (3 * state_bytes + peak.most))  # recorded blocks keep the state twice more


def members_that_fit(
    problem: Problem, objective: Objective, training: Training, members: int, data: torch.Tensor, free: int
) -> int:
    """Return how many of `members` fit into `free` bytes besides the data, at least one; memory grows linearly."""
    available = free - data.nbytes
    two, one = (group_bytes(problem, objective, training, count, data) for count in (2, 1))
    each = max(1, two - one)
    return max(1, min(members, 1 + (available - one) // each))
