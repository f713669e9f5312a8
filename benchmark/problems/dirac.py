"""The Dirac-GAN: the smallest game whose dynamics are known in closed form, of one parameter for each player."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from benchmark.networks import Architecture, CriticNetwork, CriticOutput, Noise, Shape
from benchmark.problems.base import Budget, Problem
from benchmark.problems.data import Data, Source
from benchmark.problems.judging import Judging
from benchmark.problems.training import Training
from evaluators.truth import Truth
from objectives.base import CriticKind


class DiracGenerator(nn.Module):
    """A generator that returns θ for every sample [B, 1], whatever the noise [B, Z]."""

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([theta]))

    def forward(self, noise: Tensor) -> Tensor:
        """Return θ for each noise vector."""
        return self.theta.expand(noise.shape[0], 1)


class DiracCritic(CriticNetwork):
    """Score samples [B, 1] by -ψ x.

    The paper's D(x) = ψ x is high on generated points; here a high score says "real". With the sign turned, θ and ψ
    move as the paper's do.
    """

    def __init__(self, psi: float) -> None:
        super().__init__()
        self.psi = nn.Parameter(torch.tensor([psi]))

    def forward(self, x: Tensor) -> CriticOutput:
        """Return the scores, which are the features too."""
        features = -x * self.psi
        return CriticOutput(features.sum(dim=-1), features)


def points_at_zero(count: int, generator: torch.Generator) -> Tensor:
    """Return the one point there is, [count, 1]."""
    return torch.zeros(count, 1)


@dataclass(frozen=True)
class Point(Source):
    """The one point at 0, which is held out too."""

    @property
    def shape(self) -> Shape:
        """Return the shape of one sample."""
        return (1,)

    def load(self, cache: Path, directory: Path | None) -> Data:
        """Return the one point there is."""
        point = torch.zeros(1, 1)
        return Data(point, Truth(reference=point, training=point, sampler=points_at_zero))


@dataclass(frozen=True)
class DiracPair(Architecture):
    """A generator at θ and a critic at ψ, one parameter each."""

    samples: ClassVar[Literal["images", "points"]] = "points"
    noise: ClassVar[Noise] = Noise(dimension=1)

    theta: float = 1.0  # where the generator starts
    psi: float = 1.0  # where the critic starts

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator at θ."""
        return DiracGenerator(self.theta)

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic at ψ."""
        if kind != "score" or shape != (1,):
            raise ValueError(f"the Dirac-GAN only has a critic of scores of single points, not {kind!r} of {shape[0]}")
        return DiracCritic(self.psi)


DIRAC = Problem(
    "dirac",
    Point(),
    Budget(
        1_000,
        Training(
            optimiser="sgd",
            generator_learning_rate=0.2,
            critic_learning_rate=0.2,
            dynamics="simultaneous",
            consensus_gamma=1.0,
            batch=1,
        ),
    ),
    Judging({}, ()),
    own={"dirac": DiracPair()},
    network="dirac",
    unranked="no evaluator of samples shows whether a game converges; python -m benchmark.engine.dirac prints how each "
    "objective behaves on it",
    critic_kinds=("score",),
    about="""Data at 0, generated points at θ, a linear critic (Mescheder et al., 2018, arXiv:1801.04406, section 2).

    The settings are those of the authors' notebook. It has no leaderboard: the question is whether a game converges,
    which no evaluator of samples shows; the held-out data are the training data; seeds change nothing; and the critic
    is neither an energy nor an embedding. `python -m benchmark.engine.dirac` prints how each objective behaves.
    """,
)
