"""An ordinary module as the critic of a loss: its outputs, their precision, and buffers that must not change.

Real and fake samples pass through the module itself and update its buffers (batch norm's averages, spectral norm's
vectors). Points inside `torch.func.grad` use copies of the buffers, since the transform forbids in-place changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.func import debug_unwrap, functional_call
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from objectives.foundation.errors import UserError
from objectives.traits import CriticKind

What = Literal["scores", "features", "logits"]
HALVES = (torch.float16, torch.bfloat16)


def widened(x: Tensor) -> Tensor:
    """Return a half-precision tensor in float32, the lowest precision in which losses are computed."""
    return x.float() if x.dtype in HALVES else x


@dataclass(frozen=True)
class Precision:
    """The autocast in which a loss was called: networks run in it, the loss itself does not."""

    device: str
    enabled: bool
    dtype: torch.dtype

    @classmethod
    def at(cls, x: Tensor) -> Precision:
        """Return the precision in force for a batch."""
        device = x.device.type
        return cls(device, torch.is_autocast_enabled(device), torch.get_autocast_dtype(device))

    def for_loss(self) -> AbstractContextManager[object]:
        """Turn autocast off."""
        return torch.autocast(self.device, enabled=False) if self.enabled else nullcontext()

    def for_network(self) -> AbstractContextManager[object]:
        """Turn autocast on again."""
        return torch.autocast(self.device, self.dtype) if self.enabled else nullcontext()

    def for_slopes(self) -> AbstractContextManager[object]:
        """Turn autocast on for points that a gradient is taken at, except in float16, where slopes underflow.

        Casts made inside a transform end with it, so none is cached for later passes.
        """
        if not self.enabled or self.dtype == torch.float16:
            return nullcontext()
        return torch.autocast(self.device, self.dtype, cache_enabled=False)


class Buffered(nn.Module):
    """A function that calls a module, as a module itself: `functional_call` can then replace the buffers."""

    function: Callable[..., Any]

    def __init__(self, module: nn.Module, function: Callable[..., Any]) -> None:
        super().__init__()
        self.module = module
        object.__setattr__(self, "function", function)  # not a submodule: it may share layers with the module

    def forward(self, *inputs: Tensor) -> Any:
        """Call the function."""
        return self.function(*inputs)


def with_copied_buffers(module: nn.Module, function: Callable[..., Any], inputs: tuple[Tensor, ...]) -> Any:
    """Call a function that passes through a module, and leave the module's buffers unchanged."""
    copies = {f"module.{name}": buffer.clone() for name, buffer in module.named_buffers()}
    return functional_call(Buffered(module, function), copies, inputs, tie_weights=False)


def unwrapped(module: nn.Module) -> nn.Module:
    """Return the module inside torch.compile and DistributedDataParallel, which do not work inside a transform.

    Compiled code can be differentiated only once, and the averaging of gradients is set up outside.
    """
    while True:
        if isinstance(module, DistributedDataParallel):
            module = module.module
        elif isinstance(inner := getattr(module, "_orig_mod", None), nn.Module):
            module = inner
        else:
            return module


def couples_batch(module: nn.Module) -> bool:
    """Return whether batch norm makes a sample's score depend on the rest of its batch."""
    return any(isinstance(layer, _BatchNorm) and layer.training for layer in module.modules())


@contextmanager
def fixed_parameters(module: nn.Module | None) -> Iterator[None]:
    """Disable gradients of a module's parameters inside the block."""
    moving = [] if module is None else [each for each in module.parameters() if each.requires_grad]
    for parameter in moving:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in moving:
            parameter.requires_grad_(True)


@dataclass(frozen=True)
class Given:
    """What the user gave as the critic: a module, and how to read its features, its logits and its last layer."""

    module: nn.Module
    kind: CriticKind
    packing: int = 1
    features_of: Callable[..., Tensor] | None = None
    logits_of: Callable[..., Tensor] | None = None
    head: nn.Module | None = None
    takes_labels: bool = True  # called as critic(x, labels) where there are labels


@dataclass
class ModuleCritic:
    """The critic of one call of a loss; real and fake samples pass the module once each."""

    given: Given
    pair: tuple[Tensor, Tensor]
    precision: Precision
    labels: Tensor | None = None
    still: bool = False  # leave the module's buffers unchanged
    passed: bool = False  # the module itself was called
    judged: dict[tuple[str, int], Tensor] = field(default_factory=dict)

    def __call__(self, x: Tensor, /) -> Tensor:
        """Return the scores [B]."""
        return self._once("scores", x)

    def features(self, x: Tensor, /) -> Tensor:
        """Return the embedding [B, F]."""
        return self._once("features", x)

    @property
    def head(self) -> Tensor:
        """Return the weights [F] of the last layer."""
        layer = self.given.head
        if not isinstance(layer, nn.Linear) or layer.out_features != 1:
            raise UserError("this loss reads the critic's last layer; pass it, an nn.Linear(F, 1), as head=")
        return layer.weight.flatten()

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits [B, C] of the classes."""
        return self._once("logits", x)

    def refuse_unsynchronised(self) -> None:
        """Raise an error if a loss bypassed DistributedDataParallel, which then would not average its gradients."""
        if isinstance(self.given.module, DistributedDataParallel) and not self.passed:
            raise UserError(
                "this loss uses only the critic's features or normalised scores, so DistributedDataParallel would not "
                "average its gradients; train it in one process"
            )

    def _once(self, what: What, x: Tensor) -> Tensor:
        known = next((index for index, batch in enumerate(self.pair) if batch is x), None)
        if known is None:
            return self._judge(what, x)
        if (what, known) not in self.judged:
            self.judged[what, known] = self._judge(what, x)
        return self.judged[what, known]

    def _judge(self, what: What, x: Tensor) -> Tensor:
        m = self.given.packing
        if m > 1:  # [m B, C, ...] -> [B, m C, ...]: the m points are joined along the first data axis
            x = x.reshape(x.shape[0] // m, m * x.shape[1], *x.shape[2:])
        if what == "scores":
            return self._scores(self._pass(self.given.module, x), x)
        if what == "logits":
            if self.given.logits_of is None:
                raise UserError("this loss needs the critic's class logits; pass logits_of=")
            return matrix("logits", self._pass(self.given.logits_of, x), x)
        if self.given.features_of is not None:
            return self._features(self._pass(self.given.features_of, x), x)
        if self.given.kind != "embedding":
            raise UserError("this loss needs the critic's features; pass features_of=, such as features_of=critic[:-1]")
        return self._features(self._pass(self.given.module, x), x)

    def _pass(self, function: Callable[..., Any], x: Tensor) -> Any:
        module = self.given.module
        inputs = (self._in_parameters_type(x), *self._labels_for(x))
        inside = debug_unwrap(x) is not x  # a transform
        if not (inside or self.still):
            self.passed |= function is module
            with self.precision.for_network():
                return function(*inputs)
        plain = unwrapped(module)
        with self.precision.for_slopes() if inside else self.precision.for_network():
            return with_copied_buffers(plain, plain if function is module else function, inputs)

    def _labels_for(self, x: Tensor) -> tuple[Tensor, ...]:
        if self.labels is None or not self.given.takes_labels:
            return ()
        if len(self.labels) != len(x):
            raise UserError(f"the critic was given {len(x)} samples and {len(self.labels)} labels")
        return (self.labels,)

    def _in_parameters_type(self, x: Tensor) -> Tensor:
        """Cast points for a module whose parameters are all in half precision."""
        own = next((each.dtype for each in self.given.module.parameters()), x.dtype)
        return x.to(own) if own in HALVES and not self.precision.enabled else x

    def _scores(self, output: Any, x: Tensor) -> Tensor:
        if not isinstance(output, Tensor) or output.numel() != len(x):
            raise UserError(f"the critic must return one score per sample; for {len(x)} it returned {shape_of(output)}")
        scores = widened(output).reshape(len(x))
        if self.given.kind == "energy" and debug_unwrap(x) is x and bool((scores < 0.0).any()):
            lowest = float(scores.detach().min())
            raise UserError(
                f"the critic must return energies, such as reconstruction errors, which are not below 0; got {lowest:g}"
            )
        return scores

    def _features(self, output: Any, x: Tensor) -> Tensor:
        features = matrix("features", output, x)
        if self.given.kind == "embedding" and features.shape[1] == 1:
            raise UserError("this loss compares embeddings, but the critic returns one number; use features_of=")
        return features


def matrix(name: str, output: Any, x: Tensor) -> Tensor:
    """Return an output as a matrix [B, F] with a row for each sample."""
    if not isinstance(output, Tensor) or output.dim() < 2 or len(output) != len(x):
        raise UserError(f"{name} must have the shape [{len(x)}, F], got {shape_of(output)}")
    return widened(output).flatten(1)


def shape_of(output: Any) -> str:
    """Describe the shape of an output."""
    return f"the shape {list(output.shape)}" if isinstance(output, Tensor) else f"a {type(output).__name__}"
