"""Cells about the optimal critic: train one to convergence on known densities and integrate its value."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, cast

import torch
from torch import Tensor, nn

from benchmark.engine.group import Group, form
from benchmark.engine.loop import advance
from benchmark.networks import Architecture, CriticNetwork, CriticOutput, MLPCritic, Noise, Shape
from benchmark.problems import Budget, Data, Given, Judging, Problem, Training
from benchmark.reproduce.place import Measurement, Place
from benchmark.reproduce.target import Normals, Stated, Target, TargetRow, Tier
from benchmark.reproduce.verdict import Measured
from evaluators.truth import Truth
from objectives import OBJECTIVES
from objectives.base import CriticKind

POINTS = 200_000  # real points to train on; their sampling error moves V by about 1e-3
GRID = 20_001  # abscissae of the integrals
FAR = 700.0  # in place of infinite logits, where a density underflows
REACH = 8.0  # standard deviations beyond the outermost means that the integrals cover


class Drawn(nn.Module):
    """A fixed generator: noise [B, 2] to exact draws [B, 1] from a mixture."""

    def __init__(self, parts: Normals) -> None:
        super().__init__()
        weights, means, deviations = torch.tensor(parts, dtype=torch.float64).T
        self.register_buffer("edges", weights.cumsum(0)[:-1].float())
        self.register_buffer("means", means.float())
        self.register_buffer("deviations", deviations.float())
        self.still = nn.Parameter(torch.zeros(1))  # the engine needs a parameter; its gradient is 0

    def forward(self, noise: Tensor) -> Tensor:
        """Choose a component by the first coordinate, and a point of it by the second."""
        share = torch.special.ndtr(noise[:, :1])
        part = (share > cast(Tensor, self.edges)).sum(1)
        mean, deviation = cast(Tensor, self.means)[part], cast(Tensor, self.deviations)[part]
        return (mean + deviation * noise[:, 1]).unsqueeze(1) + 0.0 * self.still


@dataclass(frozen=True)
class Densities(Architecture):
    """A generator fixed to a mixture of normals, and a ReLU perceptron as critic."""

    samples: ClassVar[Literal["images", "points"]] = "points"
    noise: ClassVar[Noise] = Noise(dimension=2)

    q: Normals = ()

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the fixed generator."""
        return Drawn(self.q)

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build a ReLU perceptron."""
        return MLPCritic(1, (128, 128))


def known(p: Normals, q: Normals) -> Problem:
    """Return the problem of two mixtures of normals on the line: p is the data, q the generator."""
    noise = torch.randn(POINTS, 2, generator=torch.Generator().manual_seed(2014))
    points = Drawn(p)(noise).detach()
    source = Given(Data(points, Truth(reference=points)))
    return Problem("known densities", source, Budget(1, Training()), Judging({}, ()), own={"mlp": Densities(q=q)})


def density(parts: Normals, x: Tensor) -> Tensor:
    """Return the density of a mixture of normals at points [N]."""
    return sum(
        (w * torch.exp(-0.5 * ((x - mean) / s) ** 2) / (s * math.sqrt(2.0 * math.pi)) for w, mean, s in parts),
        torch.zeros_like(x),
    )


def abscissae(p: Normals, q: Normals) -> Tensor:
    """Return the grid [GRID] of the integrals over both densities."""
    lowest = min(mean - REACH * s for _, mean, s in (*p, *q))
    highest = max(mean + REACH * s for _, mean, s in (*p, *q))
    return torch.linspace(lowest, highest, GRID, dtype=torch.float64)


def value(p: Tensor, q: Tensor, logits: Tensor, x: Tensor) -> float:
    """Integrate V(D) = E_p log D + E_q log(1 - D) for a critic's logits on the grid."""
    integrand = p * nn.functional.logsigmoid(logits) + q * nn.functional.logsigmoid(-logits)
    return float(torch.trapezoid(integrand, x))


def jensen_shannon(p: Tensor, q: Tensor, x: Tensor) -> float:
    """Integrate JSD(p‖q) in nats from the densities."""
    middle = (p + q) / 2
    integrand = torch.special.xlogy(p, p) / 2 + torch.special.xlogy(q, q) / 2 - torch.special.xlogy(middle, middle)
    return float(torch.trapezoid(integrand, x))


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Train a critic for each row and seed, and compare V(D) and D with theory.

    `value` is V(D), expected to be C(G) = -log 4 + 2 JSD(p‖q) (Goodfellow et al., 2014, theorem 1, equation 6);
    `distance` is the mean of |D - p / (p + q)| over (p + q) / 2, expected to be 0; `identity` is V at the exact
    p / (p + q), without training.
    """
    start = time.process_time()
    cells: dict[tuple[str, str], Measured] = {}
    with place.progress.group(target.title, len(target.rows)) as done:
        for number, row in enumerate(target.rows, 1):
            seen = _seen(row, tier)
            cells |= {(row.name, c.name): seen[c.metric or ""] for c in target.columns if c.metric in seen}
            done(number)
    return Measurement(cells, seconds=time.process_time() - start)


def _seen(row: TargetRow, tier: Tier) -> Mapping[str, Measured]:
    problem = known(row.p, row.q)
    x = abscissae(row.p, row.q)
    p, q = density(row.p, x), density(row.q, x)
    best = (torch.log(p) - torch.log(q)).nan_to_num(0.0, FAR, -FAR)
    expected = Stated(value=2.0 * jensen_shannon(p, q, x) - math.log(4.0), note="computed")
    logits = critics(problem, tier, x)
    gaps = torch.trapezoid((torch.sigmoid(logits) - torch.sigmoid(best)).abs() * (p + q) / 2, x)
    values = {seed: value(p, q, own, x) for seed, own in enumerate(logits)}
    return {
        "value": Measured(values, expected=expected),
        "distance": Measured(dict(enumerate(gaps.tolist())), expected=Stated(value=0.0, note="theory")),
        "identity": Measured({0: value(p, q, best, x)}, expected=expected),
    }


def critics(problem: Problem, tier: Tier, x: Tensor) -> Tensor:
    """Train a critic per seed with the engine and return the logits [seeds, N] at points [N]."""
    iterations = tier.iterations or 1
    training = Training(
        generator_learning_rate=0.0,
        critic_learning_rate=2e-3,
        beta1=0.9,
        learning_rate_schedule="linear",
        learning_rate_stop=iterations,
        batch=tier.batch,
    )
    data = problem.load(Path()).training
    group = form(problem, OBJECTIVES["minimax"](), training, range(tier.seeds), data, iterations)
    state = group.start()
    for position in advance(group, state):
        state = position.state
    return torch.stack([_logits(group, parameters, x) for parameters in state.players.critic])


def _logits(group: Group, parameters: Tensor, x: Tensor) -> Tensor:
    with torch.no_grad():
        output = cast(CriticOutput, group.play.losses.critic(parameters, x.float().unsqueeze(1)))
    assert output.scores is not None
    return output.scores.double()
