"""A group's position as bytes and back: tensors and plain values only, so that loading can execute nothing."""

from __future__ import annotations

import io
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

from benchmark.engine.group import Group
from benchmark.engine.loop import Position

FORMAT = 1


class CheckpointError(ValueError):
    """A checkpoint that is torn, foreign or of another group."""


def pack(position: Position, key: str, notes: dict[str, Any]) -> bytes:
    """Write a position of the group called `key`; `notes` are plain values kept with it."""
    leaves, _ = tree_flatten(position.state)
    content = {
        "format": FORMAT,
        "key": key,
        "iteration": position.iteration,
        "leaves": [leaf.detach().cpu() for leaf in leaves],
        "notes": notes,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def unpack(content: bytes, key: str, group: Group) -> tuple[Position, dict[str, Any]]:
    """Read what `pack` wrote for this very group; anything else raises CheckpointError."""
    try:
        loaded = torch.load(io.BytesIO(content), weights_only=True)
    except Exception as error:  # torch raises half a dozen types for a torn or hostile file
        raise CheckpointError(f"the checkpoint cannot be read ({type(error).__name__})") from error
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT or loaded.get("key") != key:
        raise CheckpointError("the checkpoint is of another group or of another version")
    fresh, structure = tree_flatten(group.start())
    leaves = loaded["leaves"]
    shapes = [(leaf.shape, leaf.dtype) for leaf in fresh]
    if [(leaf.shape, leaf.dtype) for leaf in leaves] != shapes:
        raise CheckpointError("the checkpoint's tensors do not have this group's shapes")
    state = tree_unflatten([leaf.to(group.roots.device) for leaf in leaves], structure)
    return Position(int(loaded["iteration"]), state, None), dict(loaded["notes"])
