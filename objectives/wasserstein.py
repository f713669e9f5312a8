"""The Wasserstein loss and its weight clipping; the gradient penalties that replace clipping are in `penalties`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from objectives.base import Critic, Game, Objective
from objectives.compose import Penalty
from objectives.ranges import positive
from objectives.search import STUDY, Searched, decades
from objectives.traits import Added, Recommended, Traits


@dataclass(frozen=True)
class Wasserstein(Objective):
    """Wasserstein loss without any constraint (Arjovsky et al., 2017, arXiv:1701.07875).

    critic     E D(G(z)) - E D(x)
    generator  -E D(G(z))

    Only a part: with a free critic the loss has no lower bound. `wgan`, `wgan-gp`, `wgan-lp` and `wgan-div` add what
    keeps the critic Lipschitz.
    """

    traits = Traits(
        shift_invariant=True,
        unbounded="it needs a constraint on its critic",
        recommended=Recommended(
            optimiser="rmsprop", generator_learning_rate=5e-5, critic_learning_rate=5e-5, critic_steps=5, batch=64
        ),
    )

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(fake).mean() - critic(real).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -critic(fake).mean()


@dataclass(frozen=True)
class Clip(Penalty):
    """Weight clipping (Arjovsky et al., 2017, arXiv:1701.07875).

    after each critic update  θ ← clip(θ, -c, c)
    """

    traits = Added(critics=("score", "energy", "embedding"), constrains=True, bounds=True)
    searched: ClassVar[Mapping[str, Searched]] = {"bound": Searched(decades(-3, 0), decades(-2, 0), STUDY)}

    bound: float = 0.01  # c > 0, the paper's, for every weight and bias

    def __post_init__(self) -> None:
        positive(bound=self.bound)

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        return critic_parameters.clamp(-self.bound, self.bound)
