"""The rest of the game in your own training loop: the players' parameters, draws, and what the user passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import torch
from torch import Tensor, nn

from objectives.draws import UpdateDraws
from objectives.foundation.errors import UserError
from objectives.passes import Precision, widened


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


@dataclass
class LoopGame:
    """The rest of the game in one call of a loss: see `objectives.base.Game`."""

    state: Mapping[str, Tensor]
    players: LoopPlayers
    draws: UpdateDraws
    share: float | None  # fraction of the training that is done
    precision: Precision
    generator_moves: bool = False  # else no gradient reaches it
    given_noise: Tensor | None = None
    given_labels: Tensor | None = None
    second: tuple[Tensor, Tensor] | None = None

    @property
    def progress(self) -> Tensor:
        """Return the share of the training that is done."""
        if self.share is None:
            raise UserError("this loss changes during training; pass its number of generator steps, steps=10_000")
        return torch.full_like(self.players.zero(), self.share)

    @cached_property
    def critic_parameters(self) -> Tensor:
        """Return the critic's parameters [P]."""
        return self.players.vector("critic")

    @cached_property
    def generator_parameters(self) -> Tensor:
        """Return the generator's parameters [P]."""
        with torch.set_grad_enabled(self.generator_moves):
            return self.players.vector("generator")

    @property
    def noise(self) -> Tensor:
        """Return the noise of the generated batch."""
        if self.given_noise is None:
            raise UserError("this loss reads the noise of the generated batch; pass noise=z")
        return self.given_noise

    @property
    def labels(self) -> Tensor:
        """Return the labels [B, C] of the batch."""
        labels = self.given_labels
        if labels is None or labels.dim() != 2:
            raise UserError("this loss needs one-hot labels; pass labels=one_hot(classes, 10).float()")
        return labels

    def generator(self, noise: Tensor, /) -> Tensor:
        """Return the generator's samples [B, *data] for noise [B, Z]."""
        if self.players.generator is None:
            raise UserError("this loss calls the generator; pass losses(..., generator=module)")
        inputs = (noise,) if self.given_labels is None else (noise, self.given_labels)
        with torch.set_grad_enabled(self.generator_moves), self.precision.for_network():
            return widened(cast(Tensor, self.players.generator(*inputs)))

    @property
    def second_real(self) -> Tensor:
        """Return the second real batch."""
        return self._second()[0]

    @property
    def second_fake(self) -> Tensor:
        """Return the second generated batch."""
        return self._second()[1]

    def _second(self) -> tuple[Tensor, Tensor]:
        if self.second is None:
            raise UserError("this loss compares two batches per side; pass the second ones as second=(real, fake)")
        return self.second

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from U[0, 1)."""
        return self.draws.uniform(purpose, shape)

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from N(0, 1)."""
        return self.draws.normal(purpose, shape)
