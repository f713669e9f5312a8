"""Random numbers for losses outside the engine, from torch's generator or from a source the user provides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.func import debug_unwrap


class Draws(Protocol):
    """A source of random numbers that is given the purpose of each draw."""

    def uniform(self, purpose: str, shape: Sequence[int], /) -> Tensor:
        """Return numbers from U[0, 1)."""
        ...

    def normal(self, purpose: str, shape: Sequence[int], /) -> Tensor:
        """Return numbers from N(0, 1)."""
        ...


class UpdateDraws:
    """The draws of one update, with the device and dtype of a batch; one purpose always gives the same numbers."""

    def __init__(self, source: Draws | torch.Generator | None, like: Tensor) -> None:
        self._source, self._device, self._dtype = source, like.device, like.dtype
        self._kept: dict[tuple[str, str, tuple[int, ...]], Tensor] = {}

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Return numbers from U[0, 1)."""
        return self._draw("uniform", purpose, shape, torch.rand)

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Return numbers from N(0, 1)."""
        return self._draw("normal", purpose, shape, torch.randn)

    def _draw(self, law: str, purpose: str, shape: Sequence[int], fresh: Callable[..., Tensor]) -> Tensor:
        key = (law, purpose, tuple(shape))
        if key not in self._kept:
            source = self._source
            if source is None or isinstance(source, torch.Generator):
                device = self._device if source is None else source.device
                drawn = fresh(tuple(shape), generator=source, device=device, dtype=self._dtype)
            else:
                drawn = getattr(source, law)(purpose, shape)
            # What is drawn inside a transform must outlive it.
            self._kept[key] = debug_unwrap(drawn.to(self._device, self._dtype))
        return self._kept[key]
