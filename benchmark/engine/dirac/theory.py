"""The local theory of the Dirac-GAN: each dynamics' update map near the equilibrium θ = ψ = 0, as a matrix.

Near 0 the players follow v = J (θ, ψ) with J = [[0, -c], [c, -γ]] (Mescheder et al., 2018, arXiv:1801.04406, section 2,
and lemma 2.3 for R1). One iteration with learning rate h is then a matrix M made of J, and the game converges locally
if and only if all eigenvalues of M, the multipliers, lie inside the unit circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.problems import Training


@dataclass(frozen=True)
class Local:
    """The linearisation of an objective at the equilibrium."""

    slope: float  # c: f'(0) = ½ for the 2014 losses, 1 for Wasserstein's and the hinge
    damping: float = 0.0  # γ of R1 or R2

    def jacobian(self) -> Tensor:
        """Return J, rows and columns in the order θ, ψ."""
        return torch.tensor([[0.0, -self.slope], [self.slope, -self.damping]], dtype=torch.float64)


def simultaneous(local: Local, h: float, training: Training) -> Tensor:
    """M = I + h J."""
    return _identity() + h * local.jacobian()


def alternating(local: Local, h: float, training: Training) -> Tensor:
    """M = (I + h J_θ) (I + h J_ψ)ᵏ, where J_θ keeps the generator's row of J alone and J_ψ the critic's."""
    return _in_turn(local, h, training.critic_steps)


def sequential(local: Local, h: float, training: Training) -> Tensor:
    """M of `alternating` with one critic step: the batch makes no difference where the data are one point."""
    return _in_turn(local, h, 1)


def _in_turn(local: Local, h: float, critic_steps: int) -> Tensor:
    rows = local.jacobian()
    generator, critic = torch.diag(torch.tensor([1.0, 0.0])).double(), torch.diag(torch.tensor([0.0, 1.0])).double()
    steps = torch.linalg.matrix_power(_identity() + h * critic @ rows, critic_steps)
    moved: Tensor = (_identity() + h * generator @ rows) @ steps
    return moved


def extragradient(local: Local, h: float, training: Training) -> Tensor:
    """M = I + h J (I + h J)."""
    j = local.jacobian()
    return _identity() + h * j + h * h * j @ j


def optimistic(local: Local, h: float, training: Training) -> Tensor:
    """M of the pair (ω_t, v_{t-1}): ω' = ω + 2 h J ω - h v_{t-1}, and v_t = J ω is what is remembered."""
    j = local.jacobian()
    return torch.cat([torch.cat([_identity() + 2.0 * h * j, -h * _identity()], 1), torch.cat([j, 0.0 * j], 1)], 0)


def consensus(local: Local, h: float, training: Training) -> Tensor:
    """M = I + h (J - γ_c Jᵀ J), for ½ ∇‖J ω‖² = Jᵀ J ω."""
    j = local.jacobian()
    return _identity() + h * (j - training.consensus_gamma * j.T @ j)


def unrolled(local: Local, h: float, training: Training) -> Tensor:
    """M of the generator that sees the critic k steps ahead.

    The critic's steps keep θ: ψ_k = (1 - hγ)ᵏ ψ + s θ with s = h c Σ_{j<k} (1 - hγ)ʲ. With the generator's loss c θ ψ
    to second order, its total derivative at ψ_k(θ) is c ψ_k + c θ s = c (1 - hγ)ᵏ ψ + 2 c s θ. The critic's real step
    is the simultaneous one.
    """
    c, shrink, k = local.slope, 1.0 - h * local.damping, training.unroll_steps
    s = h * c * sum(shrink**j for j in range(k))
    generator = [1.0 - 2.0 * h * c * s, -h * c * shrink**k]
    return torch.tensor([generator, [h * c, shrink]], dtype=torch.float64)


MAPS: dict[str, Callable[[Local, float, Training], Tensor]] = {
    "alternating": alternating,
    "consensus": consensus,
    "extragradient": extragradient,
    "optimistic": optimistic,
    "sequential": sequential,
    "simultaneous": simultaneous,
    "unrolled": unrolled,
}


def multipliers(local: Local, training: Training) -> Tensor:
    """Return the eigenvalues of one iteration of plain gradient steps with one learning rate."""
    found: Tensor = torch.linalg.eigvals(MAPS[training.dynamics](local, training.critic_learning_rate, training))
    return found


def _identity() -> Tensor:
    return torch.eye(2, dtype=torch.float64)
