"""Schedules: a hyper-parameter as a pure function of the updates done, so that resuming needs no scheduler's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

Value = float | Tensor  # a float, or [K, 1] where members differ


def real(count: Tensor) -> Tensor:
    """Return a count as a real number, in float64 where the device has it."""
    return count.to(torch.float64 if count.device.type != "mps" else torch.float32)


@dataclass(frozen=True)
class Schedule:
    """The value at the update that follows t others; t = 0 gives the initial value."""

    def __call__(self, initial: Value, done: Tensor) -> Value:
        """Return the value after `done` updates, a scalar integer tensor t."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """The initial value throughout."""

    def __call__(self, initial: Value, done: Tensor) -> Value:
        """Return the initial value."""
        return initial


@dataclass(frozen=True)
class Exponential(Schedule):
    """Exponential decay with a floor, as the 2014 paper's own code has it (Pylearn2's ExponentialDecay).

    η_t = max(η_0 / d^t, f)     d = 1.000004, f = 1e-6;  an η_0 below f stays as it is
    """

    decay: float = 1.000004  # d ≥ 1, the divisor of each update
    floor: float = 1e-6  # f ≥ 0

    def __call__(self, initial: Value, done: Tensor) -> Value:
        """Return the decayed value."""
        decayed: Tensor = initial * self.decay ** -real(done)
        if isinstance(initial, Tensor):
            return torch.maximum(decayed, initial.clamp(max=self.floor))
        return decayed.clamp(min=min(initial, self.floor))


@dataclass(frozen=True)
class Linear(Schedule):
    """A linear ramp between two update counts, constant before and after.

    v_t = v_0 + (v_1 - v_0) · clip((t - a) / (b - a), 0, 1)

    To 0 it is the linear decay of a learning rate. From 0.5 to 0.7 it is the momentum of the 2014 paper's own code
    (Pylearn2's MomentumAdjustor), which counts epochs and moves once an epoch; here t counts updates and moves at each.
    """

    final: float = 0.0  # v_1
    start: int = 0  # a, in updates
    stop: int = 10_000  # b > a

    def __call__(self, initial: Value, done: Tensor) -> Value:
        """Return the value on the ramp."""
        share = ((real(done) - self.start) / (self.stop - self.start)).clamp(0.0, 1.0)
        return initial + (self.final - initial) * share


SCHEDULES: dict[str, type[Schedule]] = {"constant": Constant, "exponential": Exponential, "linear": Linear}

Schedules = Mapping[str, Schedule]  # by the name of the optimiser's field
