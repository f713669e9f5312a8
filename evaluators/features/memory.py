"""What a frozen network said last: all evaluators ask for the same sets of images, and the reference never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

Outputs = tuple[Tensor, Tensor]  # features [N, d] and logits [N, C], float64
REMEMBERED = 4  # sets of images


@dataclass(frozen=True)
class Memory:
    """The outputs for the sets of images that were asked for last, found by their content."""

    known: dict[str, Outputs] = field(default_factory=dict)

    def outputs(self, images: Tensor, network: Callable[[Tensor], Outputs]) -> Outputs:
        """Return what the network says of images [N, *data], asking it only if it was not asked of late."""
        content = images.detach().cpu().contiguous().numpy()
        facts = f"{tuple(images.shape)} {images.dtype} {images.device}"
        key = hashlib.sha256(facts.encode() + content.tobytes()).hexdigest()
        found = self.known.pop(key, None) or network(images)
        while len(self.known) >= REMEMBERED:
            self.known.pop(next(iter(self.known)))
        self.known[key] = found
        return found[0].clone(), found[1].clone()
