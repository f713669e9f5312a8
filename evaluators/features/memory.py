"""The last outputs of a frozen network: all evaluators use the same sets of images, and the reference never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from evaluators.subsets import content_hash

Outputs = tuple[Tensor, Tensor]  # features [N, d] and logits [N, C], float64
REMEMBERED = 4  # sets of images


@dataclass(frozen=True)
class Memory:
    """The outputs for the most recent sets of images, found by their content."""

    known: dict[tuple[object, ...], Outputs] = field(default_factory=dict)

    def outputs(self, images: Tensor, network: Callable[[Tensor], Outputs]) -> Outputs:
        """Return the network's outputs for images [N, *data], computed unless they are remembered."""
        key = (images.shape, images.dtype, images.device, content_hash(images))
        found = self.known.pop(key, None) or network(images)
        while len(self.known) >= REMEMBERED:
            self.known.pop(next(iter(self.known)))
        self.known[key] = found
        return found[0].clone(), found[1].clone()
