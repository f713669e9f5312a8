"""Stopped gradients: values that a loss treats as constants, where its paper says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import Tensor

_HELD: ContextVar[Iterator[Tensor] | list[Tensor] | None] = ContextVar("held", default=None)


def stop_gradient(value: Tensor) -> Tensor:
    """Return a value through which no gradient flows; an objective that uses it states `detaches=True` in its traits.

    Dynamics that differentiate through updates reject such an objective. `gan-bench check` compares the gradients of
    its losses with finite differences in which these values are held fixed.
    """
    held = _HELD.get()
    if isinstance(held, list):
        held.append(value.detach())
    elif held is not None:
        return next(held)
    return value.detach()


@contextmanager
def record(values: list[Tensor]) -> Iterator[None]:
    """Record the values that are stopped inside the block, in order."""
    token = _HELD.set(values)
    try:
        yield
    finally:
        _HELD.reset(token)


@contextmanager
def replay(values: list[Tensor]) -> Iterator[None]:
    """Return recorded values, in the same order, in place of the values stopped inside the block."""
    token = _HELD.set(iter(values))
    try:
        yield
    finally:
        _HELD.reset(token)
