"""What the engine asks of a network, and the numbers a critic gives."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from torch import Tensor, nn


class Judgement(NamedTuple):
    """A critic's answer to a batch: scores [B], and the embedding [B, F] they were read from."""

    scores: Tensor | None  # an embedding critic has none
    features: Tensor


class CriticNetwork(nn.Module):
    """A critic: `forward` maps a batch [B, *data] to a `Judgement`."""

    couples_batch: ClassVar[bool] = False  # a sample's score depends on the rest of its batch
