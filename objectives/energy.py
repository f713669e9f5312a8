"""Energy-based games: the critic is an auto-encoder and its score is the reconstruction error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import relu

from objectives.base import Critic, Game, Objective, Optimum
from objectives.ranges import not_negative, positive
from objectives.search import SCALE, STUDY, Choice, Searched, Span, decades
from objectives.traits import Recommended, Traits


@dataclass(frozen=True)
class EBGAN(Objective):
    """Energy-based GAN with a margin (Zhao et al., 2017, arXiv:1609.03126).

    critic     E D(x) + E max(0, m - D(G(z)))
    generator  E D(G(z))

    D(x) = ‖Dec(Enc(x)) - x‖ ≥ 0 is an energy. The margin is in units of that energy, so the problem sets it; 10 is
    the paper's for MNIST.
    """

    traits = Traits(
        critic_kind="energy",
        score_range=(0.0, 1e4),
        divergence="the critic's loss is m (1 - TV(p, q))",
        recommended=Recommended(optimiser="adam", generator_learning_rate=1e-3, critic_learning_rate=1e-3),
    )
    searched: ClassVar[Mapping[str, Searched]] = {"margin": SCALE}

    margin: float = field(default=10.0, metadata={"scale": "energy"})  # m > 0, in units of the energy

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(real).mean() + relu(self.margin - critic(fake)).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(fake).mean()

    def optimum(self, p: Tensor, q: Tensor) -> Optimum:
        """Return D* = 0 where p ≥ q and m elsewhere (the paper's eq. 10)."""
        return Optimum(self.margin * (p < q).to(p.dtype), self.margin * torch.minimum(p, q).sum())


@dataclass(frozen=True)
class BEGAN(Objective):
    """Boundary equilibrium GAN (Berthelot et al., 2017, arXiv:1703.10717).

    critic     E D(x) - k E D(G(z))
    generator  E D(G(z))
    state      k ← clip(k + λ (γ E D(x) - E D(G(z))), 0, 1),  k = 0 at first

    D is the reconstruction error of an auto-encoder. k is updated after the critic, with the errors of
    that update.
    """

    traits = Traits(
        critic_kind="energy",
        score_range=(0.0, 1e4),
        unbounded="for k > 0 the critic's loss falls without limit as the energy of generated samples grows",
        state_range={"k": (0.0, 1.0)},
        state_signs={"k": (1, -1)},
        recommended=Recommended(optimiser="adam", generator_learning_rate=1e-4, critic_learning_rate=1e-4, batch=16),
    )
    searched: ClassVar[Mapping[str, Searched]] = {
        "gamma": Searched(Span(0.0, 1.0), Span(0.6, 0.9), STUDY),
        "rate": Searched(decades(-4, -2), Choice((1e-3,)), STUDY),
    }

    gamma: float = 0.5  # γ in [0, 1], diversity: E D(G(z)) / E D(x) at equilibrium; the paper shows 0.3, 0.5 and 0.7
    rate: float = 1e-3  # λ ≥ 0, the step of k; the paper's

    def __post_init__(self) -> None:
        not_negative(rate=self.rate)
        if not 0.0 <= self.gamma <= 1.0:
            raise ValueError(f"gamma must be in [0, 1], got '{self.gamma}'")

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(real).mean() - game.state["k"] * critic(fake).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(fake).mean()

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        return {"k": torch.zeros_like(game.progress)}

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        balance = self.gamma * critic(real).mean() - critic(fake).mean()
        return {"k": (game.state["k"] + self.rate * balance).clamp(0.0, 1.0)}
