"""The two networks of the Dirac-GAN, of one parameter each."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmark.networks.base import CriticNetwork, Judgement


class DiracGenerator(nn.Module):
    """Put every sample [B, 1] at θ, whatever the noise [B, Z]."""

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([theta]))

    def forward(self, noise: Tensor) -> Tensor:
        return self.theta.expand(noise.shape[0], 1)


class DiracCritic(CriticNetwork):
    """Score samples [B, 1] by -ψ x.

    The paper's D(x) = ψ x is high on generated points; here a high score says "real". With the sign turned, θ and ψ
    move as the paper's do.
    """

    def __init__(self, psi: float) -> None:
        super().__init__()
        self.psi = nn.Parameter(torch.tensor([psi]))

    def forward(self, x: Tensor) -> Judgement:
        features = -x * self.psi
        return Judgement(features.sum(dim=-1), features)
