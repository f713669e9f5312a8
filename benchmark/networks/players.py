"""Someone's plain modules as players: shapes are brought into order, and a failure of theirs is one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from benchmark.errors import LeftOut, UserError
from benchmark.networks.architecture import Shape
from benchmark.networks.base import CriticNetwork, CriticOutput, Draw
from benchmark.networks.plain import DrawnDropout, couples_batch
from objectives.foundation.loading import on_one_line
from objectives.foundation.names import quote
from objectives.traits import CriticKind

Result = TypeVar("Result")


@dataclass(frozen=True)
class Caller:
    """Calls code of a user's pair of networks; what it raises becomes LeftOut, with the line of its file."""

    name: str
    file: str

    def __call__(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call a function; a failure of memory is not the pair's own and passes."""
        try:
            return function(*arguments)
        except UserError:
            raise
        except Exception as error:
            if isinstance(error, MemoryError | torch.OutOfMemoryError) or "memory" in str(error):
                raise
            raise self.fault(on_one_line(error, [self.file])) from error

    def fault(self, what: str) -> LeftOut:
        """Return the error that says what is wrong with the pair."""
        return LeftOut(f"The network {quote(self.name)} cannot be used: {what}.")


class Generator(nn.Module):
    """A user's generator, with its samples reshaped."""

    def __init__(self, module: nn.Module, shape: Shape, call: Caller) -> None:
        super().__init__()
        self.module, self.shape, self.call = module, shape, call

    def forward(self, z: Tensor) -> Tensor:
        """Map noise [B, Z] to samples [B, *shape]."""
        samples: Tensor = self.call(self.module, z)
        if samples[0].numel() != math.prod(self.shape):
            found, wanted = list(samples.shape[1:]), list(self.shape)
            raise self.call.fault(f"the generator returns samples of shape {found}, not {wanted}")
        return samples.reshape(len(z), *self.shape)


class Critic(CriticNetwork):
    """Someone's critic of one kind."""

    def __init__(self, module: nn.Module, kind: CriticKind, shape: Shape, call: Caller) -> None:
        super().__init__()
        self.module, self.kind, self.shape, self.call = module, kind, shape, call
        self.dropouts = [layer for layer in module.modules() if isinstance(layer, DrawnDropout)]
        self.draws = bool(self.dropouts)
        self.probe()
        self.last: Tensor | None = None  # what the last layer with weights was given
        for layer in self._weighted():
            layer.register_forward_pre_hook(self._remember)

    def probe(self) -> None:
        """Find out whether a sample's score depends on the rest of its batch."""
        self.couples_batch = self.call(couples_batch, self.module, self.shape)

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the last layer with weights, if there is one."""
        return tuple(self._weighted()[-1:])

    def _weighted(self) -> list[nn.Module]:
        """Return the layers with weights, in the order in which they were made."""
        return [
            layer
            for layer in self.module.modules()
            if not list(layer.children()) and list(layer.parameters(recurse=False))
        ]

    def _remember(self, layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        self.last = inputs[0]

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        """Return the output for samples [B, *data]: scores or energies [B], and features [B, F]."""
        for layer in self.dropouts:
            layer.draw = draw
        found = self.call(self.module, x)
        last, self.last = self.last, None
        if isinstance(found, tuple):
            scores, features = found
            return CriticOutput(self._column(scores), features)
        if self.kind == "embedding":
            return CriticOutput(None, found.flatten(1))
        features = x.flatten(1) if last is None else last.flatten(1)
        if self.kind == "energy":
            error = found.flatten(1) - x.flatten(1)
            return CriticOutput(torch.linalg.vector_norm(error, dim=-1), features)
        return CriticOutput(self._column(found), features)

    def _column(self, scores: Tensor) -> Tensor:
        """Return scores [B, 1] as [B]."""
        if scores.dim() > 2 or (scores.dim() == 2 and scores.shape[1] != 1):
            raise self.call.fault(f"the critic returns scores of shape {list(scores.shape)}, not [B] or [B, 1]")
        return scores.flatten()
