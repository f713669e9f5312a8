"""A device that is none: tensors that live elsewhere, may not be mixed with the host's, and leave only as numbers.

A machine without an accelerator can so be asked whether a program would run on one: each tensor of the device hides a
tensor of the CPU, a factory that names the device gives such a tensor, an operation that mixes both kinds is an error
as it is on CUDA, and every copy to the host is counted.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

DEVICE = torch.device("meta")  # it has no kernels of its own here: the mode answers for it
aten = torch.ops.aten


class Elsewhere(Tensor):
    """A tensor of the device; `hidden` holds its values."""

    hidden: Tensor

    @staticmethod
    def __new__(cls, hidden: Tensor) -> Elsewhere:
        """Wrap a tensor of the CPU."""
        made = Tensor._make_wrapper_subclass(
            cls,
            hidden.shape,
            strides=hidden.stride(),
            storage_offset=hidden.storage_offset(),
            dtype=hidden.dtype,
            device=DEVICE,
        )
        made.hidden = hidden
        return made

    def __repr__(self) -> str:
        """Show the values."""
        return f"Elsewhere({self.hidden!r})"

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        """Ask the mode, which is on wherever such a tensor is used."""
        raise AssertionError(f"{func} outside the device's mode")


class Device(TorchDispatchMode):
    """Carries out operations for the device; `copied` lists the shapes that were copied to the host."""

    def __init__(self) -> None:
        super().__init__()
        self.copied: list[tuple[int, ...]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run one operation on the hidden tensors."""
        kwargs = dict(kwargs or {})
        wrappers: dict[int, Elsewhere] = {}
        hosts: list[Tensor] = []

        def hidden(value):
            if isinstance(value, Elsewhere):
                wrappers[id(value.hidden)] = value
                return value.hidden
            if isinstance(value, Tensor) and value.dim() > 0:
                hosts.append(value)
            return value

        target = kwargs.get("device")
        args, kwargs = tree_map(hidden, args), tree_map(hidden, kwargs)
        here = bool(wrappers) if target is None else torch.device(target) == DEVICE
        if target is not None:
            kwargs["device"] = torch.device("cpu")
        if func is aten._to_copy.default and wrappers and not here:
            self.copied.append(tuple(args[0].shape))
        elif wrappers and hosts and func is not aten._to_copy.default:
            raise RuntimeError(f"{func} mixes the device with the host's {[tuple(host.shape) for host in hosts]}")
        found = func(*args, **kwargs)

        def wrapped(value):
            if not isinstance(value, Tensor) or not here:
                return value
            known = wrappers.get(id(value))
            return Elsewhere(value) if known is None else known

        return tree_map(wrapped, found)

    def put(self, value: Tensor) -> Tensor:
        """Return a tensor of the CPU on the device."""
        return Elsewhere(value.clone())

    def numbers(self, value: Tensor) -> Tensor:
        """Return the values of a tensor of the device."""
        assert isinstance(value, Elsewhere)
        return value.hidden
