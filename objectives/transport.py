"""Games of optimal transport on the critic's features: random slices, and matched minibatches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from objectives.base import Critic, Game, Objective
from objectives.classic import CrossEntropy
from objectives.ranges import positive
from objectives.search import Searched, weight
from objectives.stop import stop_gradient
from objectives.traits import Recommended, Traits


def sliced_squares(x: Tensor, y: Tensor, directions: Tensor) -> Tensor:
    """Return the mean over directions of W₂² between two sets of features [N, F] along each of them [F, K].

    On a line the optimal matching of two sets of equal size pairs them in sorted order.
    """
    along_x, along_y = (points @ normalize(directions, dim=0) for points in (x, y))
    return (along_x.sort(dim=0).values - along_y.sort(dim=0).values).square().mean()


@dataclass(frozen=True)
class SlicedWasserstein(CrossEntropy):
    """Sliced Wasserstein generator (Deshpande et al., 2018, arXiv:1803.11188).

    critic     E softplus(-D(x)) + E softplus(D(G(z)))
    generator  E_u W₂²(u·h(x), u·h(G(z)))     u uniform on the sphere, h: the critic's last hidden layer

    The critic is that of the 2014 game; the generator's loss reads only its features. The authors' code takes 10,000
    directions by default; we use fewer, since they would dominate the cost of a step of a small network.
    """

    directions: int = 100  # random directions u per update, 1 to 10,000; ours

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.directions <= 10_000:
            raise ValueError(f"directions must be between 1 and 10000, got '{self.directions}'")

    @cached_property
    def traits(self) -> Traits:
        """State that the order of all projections of a batch counts."""
        adam = Recommended(optimiser="adam", generator_learning_rate=1e-4, critic_learning_rate=1e-4, beta1=0.5)
        return replace(super().traits, separable=False, recommended=replace(adam, batch=64))

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        x, y = critic.features(real), critic.features(fake)
        return sliced_squares(x, y, game.normal("directions", (x.shape[1], self.directions)))


def matching(cost: Tensor, sharpness: float | Tensor, iterations: int) -> Tensor:
    """Return soft matchings M [..., N, N] of costs [..., N, N] by Sinkhorn's iterations: rows sum to 1, columns nearly.

    As in the authors' code: log M = -λ C, then rows and columns are normalised in turn, rows last.
    """
    logits = -sharpness * cost
    for _ in range(iterations):
        logits = logits.log_softmax(-1)
        logits = logits.log_softmax(-2)
    return logits.softmax(-1)


@dataclass(frozen=True)
class OptimalTransport(Objective):
    """OT-GAN, the minibatch energy distance (Salimans et al., 2018, arXiv:1803.05573).

    critic     -D²
    generator  D² = W(x, g) + W(x, g') + W(x', g) + W(x', g') - 2 W(x, x') - 2 W(g, g')

    x, x' and g, g' are two independent batches per side; W(x, g) = 1/N Σ M_ij C_ij with C = 1 - cos(h(x_i), h(g_j)) and
    M Sinkhorn's matching at strength λ, held fixed when gradients are taken. λ is that of the
    authors' code (openai/ot-gan), which iterates 500 times and sums over the batch; ours is a mean, whatever its size.
    """

    traits = Traits(
        critic_kind="embedding",
        separable=False,
        detaches=True,
        second_batch=True,
        recommended=Recommended(  # of the code; the paper has three generator steps
            optimiser="adam",
            generator_learning_rate=3e-4,
            critic_learning_rate=3e-4,
            beta1=0.5,
            beta2=0.999,
            generator_steps=5,
        ),
    )
    searched: ClassVar[Mapping[str, Searched]] = {"sharpness": weight(500.0)}

    sharpness: float = 500.0  # λ > 0, one over the entropy's weight; the authors'
    iterations: int = 50  # of Sinkhorn, 1 to 1,000; ours

    def __post_init__(self) -> None:
        positive(sharpness=self.sharpness)
        if not 1 <= self.iterations <= 1000:
            raise ValueError(f"iterations must be between 1 and 1000, got '{self.iterations}'")

    def distance(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        """Return D² of the two batches per side."""
        batches = (real, game.second_real, fake, game.second_fake)
        x, x2, g, g2 = (normalize(critic.features(each), dim=1) for each in batches)
        pairs = ((x, g), (x, g2), (x2, g), (x2, g2), (x, x2), (g, g2))
        costs = torch.stack([1.0 - left @ right.T for left, right in pairs])
        matched = stop_gradient(matching(stop_gradient(costs), self.sharpness, self.iterations))
        transported = (matched * costs).sum((1, 2)) / real.shape[0]
        return transported[:4].sum() - 2.0 * transported[4:].sum()

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -self.distance(critic, real, fake, game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.distance(critic, real, fake, game)
