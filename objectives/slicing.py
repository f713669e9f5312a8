"""Slicing adversarial networks: the critic's last layer as a direction, trained by a loss of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from objectives.base import Critic, Game, Objective
from objectives.compose import Scores, Wrapper
from objectives.margin import Hinge
from objectives.stop import stop_gradient
from objectives.traits import Traits


@dataclass(frozen=True)
class Sliced(Wrapper):
    """Slicing adversarial network, SAN (Takida et al., 2024, arXiv:2301.12811).

    critic     E relu(m - s h(x)·ω̄) + E relu(m + s h(G(z))·ω̄) - E s̄ h̄(x)·ω + E s̄ h̄(G(z))·ω
    generator  -E s h(G(z))·ω

    The last layer's weights are w = s ω with ‖ω‖ = 1, h are the features before it, and a bar stops the gradient: the
    hinge trains the features and the scale, a Wasserstein loss the direction. Both are those of the authors' code
    (sony/san, since June 2024), whose last layer has no bias; ours is not used. Defined only for hinge: the code has no
    other loss, and its tutorial states the direction's loss only where the generator minimises -E D(G(z)). On the
    Wasserstein loss both terms together have the gradient of that loss itself.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.objective) is not Objective and not isinstance(self.objective, Hinge):
            name = type(self.objective).__name__
            raise ValueError(f"san is defined only for hinge and must directly follow it, hinge+san, not {name}")

    @cached_property
    def traits(self) -> Traits:
        """State that it reads features and the last layer instead of scores, and stops gradients."""
        why = "the direction's term has a value, but no gradient along the features"
        return replace(
            self.objective.traits,
            shift_invariant=True,
            separable=False,
            detaches=True,
            unbounded=why,
            divergence=None,
        )

    def scores(self, features: Tensor, head: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores that train the features and the scale, and those that train the direction."""
        length = torch.linalg.vector_norm(head)
        direction, scaled = head / length, length * features
        return scaled @ stop_gradient(direction), stop_gradient(scaled) @ direction

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        head = critic.head
        real_scores, real_slices = self.scores(critic.features(real), head)
        fake_scores, fake_slices = self.scores(critic.features(fake), head)
        hinge = self.objective.critic_loss(Scores(), real_scores, fake_scores, game)
        return hinge + fake_slices.mean() - real_slices.mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_scores, fake_scores = (critic.features(x) @ critic.head for x in (real, fake))
        return self.objective.generator_loss(Scores(), real_scores, fake_scores, game)
