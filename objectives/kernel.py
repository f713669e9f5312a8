"""Games on an embedding h: kernel two-sample distances and the energy distance; and MMD without a critic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from objectives.base import Critic, Game, Objective
from objectives.penalties import on_line, root
from objectives.ranges import not_negative
from objectives.search import Searched, weight
from objectives.traits import Recommended, Traits

WIDTHS = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)  # σ of the RBF mixture, Bińkowski et al.
ALPHAS = (0.2, 0.5, 1.0, 2.0, 5.0)  # α of the rational quadratics, the paper's; its code has 0.1, 1, 10
FIXED_SCALES = tuple(4.0**power for power in range(-5, 2))  # ours: σ²/mean squared distance, from 1/1024 to 4


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """Return ‖a_i - b_j‖² [N, M] of two sets of vectors [N, F] and [M, F].

    This form costs one matrix product; centring keeps it accurate if the vectors are far from the origin.
    """
    centre = b.mean(0)
    a, b = a - centre, b - centre
    return (a.square().sum(1)[:, None] + b.square().sum(1)[None, :] - 2.0 * a @ b.T).clamp_min(0.0)


def rbf(squared: Tensor) -> Tensor:
    """Return Σ_σ exp(-d²/2σ²)."""
    return torch.stack([(-squared / (2.0 * width**2)).exp() for width in WIDTHS]).sum(0)


def rational_quadratic(squared: Tensor) -> Tensor:
    """Return Σ_α (1 + d²/2α)^-α."""
    return torch.stack([(1.0 + squared / (2.0 * alpha)) ** -alpha for alpha in ALPHAS]).sum(0)


KERNELS = {"rbf": rbf, "rq": rational_quadratic}


def off_diagonal_mean(matrix: Tensor) -> Tensor:
    """Average a square matrix [N, N] without its diagonal, N ≥ 2."""
    count = matrix.shape[0]
    if count < 2:
        raise ValueError(f"an unbiased kernel estimate needs a batch of at least 2, got '{count}'")
    return (matrix.sum() - matrix.diagonal().sum()) / (count * (count - 1))


def one_centred(gradient: Tensor) -> Tensor:
    """Return E (‖∇f‖ - 1)² from the gradients [B, *data] of a witness function."""
    return (root(gradient.flatten(1).square().sum(1)) - 1.0).square().mean()


RECOMMENDED = Recommended(  # by both papers
    optimiser="adam",
    generator_learning_rate=1e-4,
    critic_learning_rate=1e-4,
    beta1=0.5,
    beta2=0.9,
    critic_steps=5,
    batch=64,
)


@dataclass(frozen=True)
class MMD(Objective):
    """MMD GAN with a gradient penalty on the witness (Bińkowski et al., 2018, arXiv:1801.01401).

    critic     -MMD²(h(x), h(G(z))) + λ E (‖∇f(x̂)‖ - 1)²
    generator  MMD²(h(x), h(G(z)))

    MMD² is the unbiased estimate; f(t) = E k(h(t), h(x)) - E k(h(t), h(G(z))) the witness; x̂ = ε x + (1 - ε) G(z).
    """

    traits = Traits(
        critic_kind="embedding",
        shift_invariant=True,
        separable=False,
        pairs=True,
        sample_gradients=True,
        recommended=RECOMMENDED,
    )
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(1.0)}

    kernel: Literal["rbf", "rq"] = "rq"  # mixture of Gaussians or of rational quadratics, which the paper prefers
    weight: float = 1.0  # λ ≥ 0, the authors'

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)
        if self.kernel not in KERNELS:
            raise ValueError(f"kernel must be one of {', '.join(KERNELS)}, got '{self.kernel}'")

    def k(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the kernel matrix [N, M] of two sets of embeddings."""
        return KERNELS[self.kernel](squared_distances(a, b))

    def distance(self, x: Tensor, y: Tensor) -> Tensor:
        """Estimate MMD² from embeddings [N, F], without bias: it may be negative."""
        return off_diagonal_mean(self.k(x, x)) + off_diagonal_mean(self.k(y, y)) - 2.0 * self.k(x, y).mean()

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        """Return E (‖∇f(x̂)‖ - 1)² of the witness."""
        x, y = critic.features(real), critic.features(fake)

        def witness(points: Tensor) -> Tensor:
            h = critic.features(points)
            return (self.k(h, x).mean(1) - self.k(h, y).mean(1)).sum()

        return one_centred(torch.func.grad(witness)(on_line(real, fake, game, "line")))

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        distance = self.distance(critic.features(real), critic.features(fake))
        return -distance + self.weight * self.penalty(critic, real, fake, game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.distance(critic.features(real), critic.features(fake))


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Return ‖a_i - b_j‖ [N, M], with finite derivatives of any order where two points coincide.

    In double precision: the gradient of a distance is a direction, which the product form loses in float32 for two
    points that are close compared with the others. Differences of all pairs would keep it, but take three times as
    long.
    """
    single = a.device.type == "mps"  # which has no double precision
    squared = (a[:, None] - b).square().sum(2) if single else squared_distances(a.double(), b.double())
    return squared.clamp_min(1e-12).sqrt().to(a.dtype)


def lengths(a: Tensor) -> Tensor:
    """Return ‖a_i‖ [N], likewise."""
    return a.square().sum(1).clamp_min(1e-12).sqrt()


@dataclass(frozen=True)
class Cramer(Objective):
    """Cramér GAN (Bellemare et al., 2017, arXiv:1705.10743).

    critic     E f(G(z)) - E f(x) + λ E (‖∇f(x̂)‖ - 1)²     f(t) = E ‖h(t) - h(G(z'))‖ - ‖h(t)‖
    generator  2 E ‖h(x) - h(G(z))‖ - E ‖h(G(z)) - h(G(z'))‖ - E ‖h(x) - h(x')‖

    All pairs of the batch replace the paper's two independent draws z, z'; the last term does not involve the
    generator.
    """

    traits = Traits(
        critic_kind="embedding",
        separable=False,
        pairs=True,
        sample_gradients=True,
        divergence="the generator's loss is the energy distance of the embeddings",
        recommended=RECOMMENDED,
    )
    revision: ClassVar[int] = 1  # revision 0 computed distances in the precision of the embeddings
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(10.0)}

    weight: float = 10.0  # λ ≥ 0, the paper's

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        """Return E (‖∇f(x̂)‖ - 1)² of the critic function f."""
        y = critic.features(fake)

        def f(points: Tensor) -> Tensor:
            h = critic.features(points)
            return (distances(h, y).mean(1) - lengths(h)).sum()

        return one_centred(torch.func.grad(f)(on_line(real, fake, game, "line")))

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        x, y = critic.features(real), critic.features(fake)
        f_real = distances(x, y).mean() - lengths(x).mean()
        f_fake = off_diagonal_mean(distances(y, y)) - lengths(y).mean()
        return f_fake - f_real + self.weight * self.penalty(critic, real, fake, game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        x, y = critic.features(real), critic.features(fake)
        within = off_diagonal_mean(distances(x, x)) + off_diagonal_mean(distances(y, y))
        return 2.0 * distances(x, y).mean() - within


@dataclass(frozen=True)
class FixedMMD(Objective):
    """MMD on the data themselves, a control without a critic (Li et al., 2015, arXiv:1502.02761).

    critic     0
    generator  MMD²(x, G(z)),  k a mixture of Gaussians

    The widths are ours: fixed fractions of the mean squared distance between real samples, so they follow its scale.
    """

    traits = Traits(critic_kind="none", separable=False, divergence="the generator's loss is MMD²(p, q)")

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return 0.0 * game.critic_parameters.sum()  # a zero with a gradient

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        x, y = real.flatten(1), fake.flatten(1)
        within = squared_distances(x, x)
        scale = off_diagonal_mean(within).clamp_min(1e-12)  # for a batch of equal samples

        def k(squared: Tensor) -> Tensor:
            return torch.stack([(-squared / (2.0 * share * scale)).exp() for share in FIXED_SCALES]).sum(0)

        y_mean = off_diagonal_mean(k(squared_distances(y, y)))
        return off_diagonal_mean(k(within)) + y_mean - 2.0 * k(squared_distances(x, y)).mean()
