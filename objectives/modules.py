"""What calling an ordinary module inside a loss needs: its precision, and buffers that must not change.

Real and fake samples pass through the module itself and update its buffers (batch norm's averages, spectral norm's
vectors). Points inside `torch.func.grad` use copies of the buffers, since the transform forbids in-place changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

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

    def for_input_gradients(self) -> AbstractContextManager[object]:
        """Turn autocast on for gradients with respect to inputs, except in float16, where they underflow.

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
    trainable = [] if module is None else [each for each in module.parameters() if each.requires_grad]
    for parameter in trainable:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)
