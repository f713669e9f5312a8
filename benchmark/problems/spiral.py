"""The swiss roll in the plane: a curve with noise, whose density is an integral along the curve."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from benchmark.networks import Perceptron
from benchmark.problems.base import Budget, Problem
from benchmark.problems.generated import Generated
from benchmark.problems.judging import Judging
from benchmark.problems.training import Training

SHRINK = 7.5
DEVIATION = 0.25 / SHRINK
NODES = 2_000  # of the midpoint rule: at most 0.009 apart, a quarter of the noise's deviation
BLOCK = 4_096


def curve(u: Tensor) -> Tensor:
    """Return the points [N, 2] of the curve t (cos t, sin t)/7.5, t = 3π/2 (1 + 2u), at u in [0, 1]."""
    t = 1.5 * math.pi * (1.0 + 2.0 * u)
    return torch.stack([t * t.cos(), t * t.sin()], dim=1) / SHRINK


def sample_spiral(count: int, generator: torch.Generator) -> Tensor:
    """Draw exact samples [count, 2]: a uniform u, and Gaussian noise around the curve."""
    u = torch.rand(count, generator=generator, dtype=torch.float64)
    noise = torch.randn(count, 2, generator=generator, dtype=torch.float64)
    return (curve(u) + DEVIATION * noise).float()


def log_density_spiral(x: Tensor) -> Tensor:
    """Return log p(x) = log ∫₀¹ N(x; c(u), σ² I) du at points [N, 2], in nats, by the midpoint rule."""
    nodes = curve((torch.arange(NODES, dtype=torch.float64) + 0.5) / NODES).to(x.device)
    blocks = [
        torch.logsumexp(-torch.cdist(part, nodes).square() / (2.0 * DEVIATION**2), dim=1)
        for part in x.double().split(BLOCK)
    ]
    return torch.cat(blocks) - math.log(NODES) - math.log(2.0 * math.pi * DEVIATION**2)


SPIRAL = Problem(
    "spiral",
    Generated(sample_spiral, log_density=log_density_spiral),
    Budget(5_000, Training(generator_learning_rate=5e-4, critic_learning_rate=2e-3), {"energy": 1.0}),
    Judging({"transport": 2_500, "density": 1_000}, ("w1_n500", "sliced_w2_256", "jsd_parzen")),
    own={"mlp": Perceptron()},
    about="""The Swiss roll of WGAN-GP's code (Gulrajani et al., 2017, arXiv:1704.00028): noise 0.25, divided by 7.5.

    Pilot (NS, 2,500 iterations of batch 128, 4 seeds): a Jensen-Shannon divergence of 0.10 to 0.16 nats with 5e-4 for
    the generator and 2e-3 for the critic, 0.12 to 0.20 with 2e-4 and 2e-3, 0.15 to 0.22 with both at 1e-3, 0.34 to 0.52
    with both at 2e-4; the Wasserstein distances of the first three, 0.11 to 0.22, do not separate them.
    """,
)
