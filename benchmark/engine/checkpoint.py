"""A group's position as bytes and back: tensors and plain values only, so that loading can execute nothing."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

from benchmark.engine.group import Group
from benchmark.engine.loop import Position

FORMAT = 3
MAGIC = b"gan-bench checkpoint\n"
DIGEST = 32  # bytes of the content's SHA-256, which follows the magic line


class CheckpointError(ValueError):
    """A checkpoint that is incomplete, foreign or of another group."""


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
    return sealed(buffer.getvalue())


def sealed(saved: bytes) -> bytes:
    """Prepend a digest to what torch saved, because torch loads a file with a flipped bit without an error."""
    return MAGIC + sha256(saved).digest() + saved


def unpack(content: bytes, key: str, group: Group) -> tuple[Position, dict[str, Any]]:
    """Read what `pack` wrote for this group; raises CheckpointError for anything else."""
    start = len(MAGIC) + DIGEST
    if content[: len(MAGIC)] != MAGIC or content[len(MAGIC) : start] != sha256(content[start:]).digest():
        raise CheckpointError("the checkpoint is incomplete or not a checkpoint")
    try:
        loaded = torch.load(io.BytesIO(content[start:]), weights_only=True)
    except Exception as error:  # torch raises half a dozen types for a hostile file
        raise CheckpointError(f"the checkpoint cannot be read ({type(error).__name__})") from error
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT or loaded.get("key") != key:
        raise CheckpointError("the checkpoint belongs to another group or version")
    fresh, structure = tree_flatten(group.start())
    leaves, iteration, notes = loaded.get("leaves"), loaded.get("iteration"), loaded.get("notes")
    if not isinstance(leaves, list) or [_form(leaf) for leaf in leaves] != [_form(leaf) for leaf in fresh]:
        raise CheckpointError("the checkpoint's tensors do not have this group's shapes")
    if type(iteration) is not int or not 0 <= iteration <= group.play.iterations or not isinstance(notes, dict):
        raise CheckpointError("the checkpoint's metadata are not this group's")
    state = tree_unflatten([leaf.to(group.roots.device) for leaf in leaves], structure)
    return Position(iteration, state, None), notes


def _form(leaf: Any) -> tuple[Any, ...]:
    """Return a tensor's dtype and shape; other values have no form."""
    return (leaf.shape, leaf.dtype, leaf.layout, leaf.is_meta) if isinstance(leaf, torch.Tensor) else ()
