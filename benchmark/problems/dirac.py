"""The Dirac-GAN: the smallest game whose dynamics are known in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import nn

from benchmark.networks.base import CriticNetwork, Noise
from benchmark.networks.dirac import DiracCritic, DiracGenerator
from benchmark.problems.base import Data, Problem, Training
from evaluators.truth import Truth
from objectives.base import CriticKind


@dataclass(frozen=True)
class Dirac(Problem):
    """Data at 0, generated points at θ, a linear critic (Mescheder et al., 2018, arXiv:1801.04406, section 2).

    The settings are those of the authors' notebook. It stands in no leaderboard: what it asks is whether a game
    converges, which no evaluator of samples says; its held-out data are its training data; seeds change nothing; and
    its critic is neither an energy nor an embedding. `python -m benchmark.engine.dirac` prints what comes of it.
    """

    name: ClassVar[str] = "dirac"
    network: ClassVar[str] = "dirac"
    noise: ClassVar[Noise] = Noise(dimension=1)
    training: ClassVar[Training] = Training(
        optimiser="sgd",
        generator_learning_rate=0.2,
        critic_learning_rate=0.2,
        dynamics="simultaneous",
        consensus_gamma=1.0,
        batch=1,
    )
    gradient_evaluations: ClassVar[int] = 1_000
    evaluators: ClassVar[Mapping[str, int]] = {}
    headline: ClassVar[tuple[str, ...]] = ()
    critic_kinds: ClassVar[tuple[CriticKind, ...]] = ("score",)

    theta: float = 1.0  # where the generator starts
    psi: float = 1.0  # where the critic starts

    def load(self, cache: Path) -> Data:
        """Return the one point there is."""
        point = torch.zeros(1, 1)
        return Data(point, Truth(reference=point, training=point, sampler=lambda count, _: torch.zeros(count, 1)))

    def generator(self) -> nn.Module:
        """Build the generator at θ."""
        return DiracGenerator(self.theta)

    def critic(self, kind: CriticKind, packing: int = 1) -> CriticNetwork:
        """Build the critic at ψ."""
        if kind != "score" or packing != 1:
            raise ValueError(f"the Dirac-GAN has a critic that scores single points only, got {kind!r} of {packing}")
        return DiracCritic(self.psi)
