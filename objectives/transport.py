"""Games of optimal transport on the critic's features: random slices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from torch import Tensor
from torch.nn.functional import normalize

from objectives.base import Critic, Game
from objectives.classic import CrossEntropy
from objectives.traits import Recommended, Traits


def sliced_squares(x: Tensor, y: Tensor, directions: Tensor) -> Tensor:
    """Return the mean over directions of W₂² between two sets of features [N, F] along each of them [F, K].

    On a line the cheapest matching of two sets of one size is that of their orders.
    """
    along_x, along_y = (points @ normalize(directions, dim=0) for points in (x, y))
    return (along_x.sort(dim=0).values - along_y.sort(dim=0).values).square().mean()


@dataclass(frozen=True)
class SlicedWasserstein(CrossEntropy):
    """Sliced Wasserstein generator (Deshpande et al., 2018, arXiv:1803.11188).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  E_u W₂²(u·h(x), u·h(G(z)))     u uniform on the sphere, h: the critic's last hidden layer

    The critic tells real from fake; the generator sees its features alone. The authors' code takes 10,000 directions
    by default; ours are fewer, since a step of a small network would spend its time on them.
    """

    directions: int = 100  # random directions u an update, 1 to 10,000; ours

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.directions <= 10_000:
            raise ValueError(f"directions must lie between 1 and 10000, got '{self.directions}'")

    @cached_property
    def traits(self) -> Traits:
        """State that the order of all projections of a batch counts."""
        adam = Recommended(optimiser="adam", generator_learning_rate=1e-4, critic_learning_rate=1e-4, beta1=0.5)
        return replace(super().traits, separable=False, recommended=replace(adam, batch=64))

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        x, y = critic.features(real), critic.features(fake)
        return sliced_squares(x, y, game.normal("directions", (x.shape[1], self.directions)))
