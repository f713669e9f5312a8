"""The rest of the game in your own training loop: the players' parameters, the draws, and the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import torch
from torch import Tensor, nn

from objectives.draws import UpdateDraws
from objectives.foundation.errors import UserError
from objectives.modules import Precision, widened


@dataclass(frozen=True)
class LoopPlayers:
    """Both players."""

    critic: nn.Module | None
    generator: nn.Module | None

    def vector(self, player: str) -> Tensor:
        """Return a player's parameters in one vector [P]."""
        module: nn.Module | None = getattr(self, player)
        if module is None:
            raise UserError(f"this loss reads the {player}'s parameters; pass losses(..., {player}=module)")
        return torch.cat([widened(each).flatten() for each in module.parameters()])

    def zero(self) -> Tensor:
        """Return 0 in the type and on the device of the first player's parameters."""
        first = next((each for module in (self.critic, self.generator) if module for each in module.parameters()), None)
        return torch.zeros(()) if first is None else widened(first.detach().new_zeros(()))


@dataclass(frozen=True)
class LoopBatch:
    """The batch of one call of a loss, as the user passed it; see `objectives.loop.TrainingLosses.critic`."""

    real: Tensor
    fake: Tensor
    noise: Tensor | None = None
    labels: Tensor | None = None
    second: tuple[Tensor, Tensor] | None = None  # real and fake

    def without_generator(self) -> LoopBatch:
        """Return the batch without the graph of its generated samples."""
        second = self.second and (self.second[0], self.second[1].detach())
        return replace(self, fake=self.fake.detach(), second=second)


@dataclass(kw_only=True)
class LoopGame:
    """The rest of the game in one call of a loss: see `objectives.base.Game`."""

    state: Mapping[str, Tensor]
    players: LoopPlayers
    draws: UpdateDraws
    precision: Precision
    batch: LoopBatch
    fraction_done: float | None = None  # of the generator's steps; None where their number is unknown
    generator_trains: bool = False  # else no gradient reaches it

    @property
    def progress(self) -> Tensor:
        """Return the share of the training that is done."""
        if self.fraction_done is None:
            raise UserError("this loss changes during training; pass its number of generator steps, steps=10_000")
        return torch.full_like(self.players.zero(), self.fraction_done)

    @cached_property
    def critic_parameters(self) -> Tensor:
        """Return the critic's parameters [P]."""
        return self.players.vector("critic")

    @cached_property
    def generator_parameters(self) -> Tensor:
        """Return the generator's parameters [P]."""
        with torch.set_grad_enabled(self.generator_trains):
            return self.players.vector("generator")

    @property
    def noise(self) -> Tensor:
        """Return the noise of the generated batch."""
        if self.batch.noise is None:
            raise UserError("this loss reads the noise of the generated batch; pass noise=z")
        return self.batch.noise

    @property
    def labels(self) -> Tensor:
        """Return the labels [B, C] of the batch."""
        labels = self.batch.labels
        if labels is None or labels.dim() != 2:
            raise UserError("this loss needs one-hot labels; pass labels=one_hot(classes, 10).float()")
        return labels

    def generator(self, noise: Tensor, /) -> Tensor:
        """Return the generator's samples [B, *data] for noise [B, Z]."""
        if self.players.generator is None:
            raise UserError("this loss calls the generator; pass losses(..., generator=module)")
        labels = self.batch.labels
        inputs = (noise,) if labels is None else (noise, labels)
        with torch.set_grad_enabled(self.generator_trains), self.precision.for_network():
            return widened(cast(Tensor, self.players.generator(*inputs)))

    @property
    def second_real(self) -> Tensor:
        """Return the second real batch."""
        return self._second[0]

    @property
    def second_fake(self) -> Tensor:
        """Return the second generated batch."""
        return self._second[1]

    @property
    def _second(self) -> tuple[Tensor, Tensor]:
        if self.batch.second is None:
            raise UserError("this loss compares two batches per side; pass the second ones as second=(real, fake)")
        return self.batch.second

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from U[0, 1)."""
        return self.draws.uniform(purpose, shape)

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from N(0, 1)."""
        return self.draws.normal(purpose, shape)
