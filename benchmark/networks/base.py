"""What the engine asks of a network, the numbers a critic gives, and what a generator is fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from torch import Tensor, nn

Draw = Callable[[str, Sequence[int]], Tensor]  # purpose, shape -> U[0, 1), by (seed, iteration) alone


@dataclass(frozen=True)
class Noise:
    """The generator's input distribution: N(0, I), or uniform on [-bound, bound] per coordinate."""

    dimension: int
    kind: Literal["normal", "uniform"] = "normal"
    bound: float = 1.0
    pool: int = 0  # training draws from so many fixed vectors, the same for all seeds; 0: fresh ones each time

    @property
    def fresh(self) -> Noise:
        """Return the distribution that samples are drawn by: no fixed vectors."""
        return replace(self, pool=0)


class CriticOutput(NamedTuple):
    """A critic's answer to a batch: scores [B], and the embedding [B, F] they were read from."""

    scores: Tensor | None  # an embedding critic has none
    features: Tensor
    logits: Tensor | None = None  # [B, C] of the classes, where the critic has a head for them


class CriticNetwork(nn.Module):
    """A critic: `forward` maps a batch [B, *data] to a `CriticOutput`; one that `draws` takes a `Draw` too."""

    couples_batch: bool = False  # a sample's score depends on the rest of its batch
    draws: bool = False  # it has dropout
    shared_mask: bool = False  # what its dropout hides of the generated batch is the same in both losses

    @property
    def outputs(self) -> tuple[nn.Module, ...]:
        """Return the modules whose last values are the critic's answer: scores, embeddings, codes, reconstructions."""
        return ()
