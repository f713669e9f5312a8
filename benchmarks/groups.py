"""How many members should train together? `python benchmarks/groups.py` measures, problems declare.

For each network the time of one iteration per member is printed by group size, relative to one member after another:
below 1 a group pays. Perceptrons gain until the products fill the cores; convolutions on a CPU gain nothing, for their
batched form is a grouped convolution, which is no faster and less local. A problem's `group_size` follows from this.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.engine.group import form
from benchmark.engine.host import prepared_process
from benchmark.networks import Architecture, CriticNetwork, CriticOutput, Noise, Shape
from benchmark.problems import PROBLEMS, Budget, Data, Given, Judging, Problem, Training
from benchmarks.engine import clock, engine_iterations
from evaluators.truth import Truth
from objectives import NonSaturating
from objectives.base import CriticKind

SIZES = (1, 2, 4, 8, 16, 32)


class ConvolutionalGenerator(nn.Module):
    """Noise [B, 32] to images [B, 1, 28, 28] by two transposed convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(32, 32 * 7 * 7)
        self.rest = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Sigmoid()
        )

    def forward(self, noise: Tensor) -> Tensor:
        """Draw images."""
        images: Tensor = self.rest(self.first(noise).view(-1, 32, 7, 7))
        return images


class ConvolutionalCritic(CriticNetwork):
    """Score images [B, 1, 28, 28] by two strided convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU())
        self.score = nn.Linear(32 * 7 * 7, 1)

    def forward(self, x: Tensor) -> CriticOutput:
        """Judge images."""
        features = self.body(x).flatten(1)
        return CriticOutput(self.score(features).squeeze(-1), features)


@dataclass(frozen=True)
class Convolutions(Architecture):
    """A small convolutional architecture for 28x28 images."""

    noise: ClassVar[Noise] = Noise(dimension=32)

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator."""
        return ConvolutionalGenerator()

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the score critic."""
        return ConvolutionalCritic()


def convolutions(images: Tensor) -> Problem:
    """Return a problem of images without evaluators."""
    source = Given(Data(images, Truth(reference=images)))
    budget = Budget(5_000, Training(batch=64))
    return Problem("convolutions 28x28", source, budget, Judging({}, ()), own={"mlp": Convolutions()})


def per_member(problem: Problem, data: Tensor, sizes: tuple[int, ...], rounds: int, count: int) -> dict[int, float]:
    """Time groups of each size in alternating rounds; median seconds of an iteration per member."""
    engines = {}
    for size in sizes:
        group = form(problem, NonSaturating(), problem.training, range(size), data, 2_500)
        engines[size] = engine_iterations(group, problem, data)
        clock(engines[size], 3)
    times: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size, engine in engines.items():
            times[size].append(clock(engine, max(2, count // size)) / size)
    return {size: statistics.median(seconds) for size, seconds in times.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time groups of several sizes against one member after another.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    images = torch.rand(1_000, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    cases: list[tuple[Problem, Tensor]] = [(convolutions(images), images)]
    for name, width in (("ring", 2), ("digits", 64)):
        cases.append((PROBLEMS[name], torch.rand(1_000, width, generator=torch.Generator().manual_seed(0))))
    print(f"{options.threads} thread(s); time of an iteration per member, relative to groups of one")
    print("network             ms alone  " + "  ".join(f"x{size:<4}" for size in SIZES[1:]))
    for problem, data in cases:
        with prepared_process(options.threads):
            times = per_member(problem, data, SIZES, options.rounds, count=32)
        ratios = "  ".join(f"{times[size] / times[1]:5.2f}" for size in SIZES[1:])
        print(f"{problem.name:18}  {1e3 * times[1]:8.2f}  {ratios}", flush=True)


if __name__ == "__main__":
    main()
