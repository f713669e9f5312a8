"""Drifting: generated samples follow a field towards the data, without a critic. A control, like `mmd-fixed`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from objectives.base import Critic, Game, Objective
from objectives.kernel import distances
from objectives.stop import stop_gradient
from objectives.traits import Traits

TEMPERATURES = (0.02, 0.05, 0.2)  # the paper's


def drift(x: Tensor, data: Tensor, temperature: float) -> Tensor:
    """Return the drift V [N, F] of generated points x [N, F] towards data [M, F] and away from each other.

    A = √(softmax over targets · softmax over points) of -‖x_i - y_j‖/(τ s), where no point is its own target;
    V = A⁺ Σ_j A⁻ y⁺ - A⁻ Σ_j A⁺ y⁻ by rows. The scale s, the mean distance of a point to the data, is ours: it makes
    temperatures dimensionless; the paper normalises features instead.
    """
    to_data, to_others = distances(x, data), distances(x, x)
    own = torch.eye(x.shape[0], dtype=torch.bool, device=x.device)
    scale = temperature * to_data.mean().clamp_min(1e-12)
    logits = -torch.cat([to_data, to_others.masked_fill(own, float("inf"))], dim=1) / scale
    affinity = (logits.softmax(1) * logits.softmax(0)).sqrt()
    towards, away = affinity.split([data.shape[0], x.shape[0]], dim=1)
    field: Tensor = (towards * away.sum(1, keepdim=True)) @ data - (away * towards.sum(1, keepdim=True)) @ x
    return field


@dataclass(frozen=True)
class Drifting(Objective):
    """Generative modelling by drifting, a control without a critic (Deng et al., 2026, arXiv:2602.04770).

    critic     0
    generator  E ‖G(z) - sg(G(z) + V)‖²     V = Σ_τ V_τ, τ = 0.02, 0.05, 0.2

    V is the paper's algorithm 2 applied to the data themselves, taken from public notes rather than the paper; sg stops
    the gradient, so the loss equals E ‖V‖² and its gradient moves each sample along V.
    """

    traits = Traits(critic_kind="none", separable=False, detaches=True)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return 0.0 * game.critic_parameters.sum()  # a zero with a gradient

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        if (count := fake.shape[0]) < 2:
            raise ValueError(f"drifting compares generated samples and needs a batch of at least 2, got '{count}'")
        x, data = fake.flatten(1), real.flatten(1)
        still = stop_gradient(x)
        target = stop_gradient(still + torch.stack([drift(still, data, each) for each in TEMPERATURES]).sum(0))
        return (x - target).square().sum(1).mean()
