"""How fast the engine is against a plain PyTorch loop: `python benchmarks/engine.py`.

Both sides train the same networks on the same data with the same batch and optimiser. The plain loop is what one would
write by hand (`nn.Module`, autograd, `torch.optim.Adam`, one seed at a time); ours is what `gan-bench run` runs, health
checks and curves included. Rounds of both alternate in one process and medians are compared, so that a busy machine
slows both. The last columns hold the achieved rate of arithmetic against what this machine does in one large product.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import softplus
from torch.utils.flop_counter import FlopCounterMode

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.engine.group import Group, form
from benchmark.engine.host import prepared_process
from benchmark.engine.loop import advance
from benchmark.networks import Perceptron
from benchmark.problems import Budget, Data, Given, Judging, Problem, Training
from benchmark.runner.curves import Curves
from evaluators.truth import Truth
from objectives import NonSaturating

CASES = ((32, 32, 64), (10, 64, 128), (10, 128, 256), (1, 128, 256))  # members, width, batch


def problem_of(data: Tensor, width: int) -> Problem:
    """Return a problem of points with two hidden layers of one width, and no evaluators: only training is timed."""
    source = Given(Data(data, Truth(reference=data)))
    own = {"mlp": Perceptron(units=width)}
    return Problem("speed", source, Budget(5_000, Training()), Judging({}, ()), own=own)


@dataclass(frozen=True)
class Timing:
    """Seconds per iteration of all members, and the engine's seconds before the first one."""

    plain: float
    engine: float
    start: float
    flops: float  # per iteration of all members


def plain_iterations(problem: Problem, data: Tensor, batch: int) -> Iterator[None]:
    """Train one seed of the non-saturating game by hand, an iteration at a time."""
    critic, generator = problem.critic("score"), problem.generator()
    critic_adam = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.999))
    generator_adam = torch.optim.Adam(generator.parameters(), 1e-3, betas=(0.5, 0.999))
    while True:
        real = data[torch.randint(len(data), (batch,))]
        fake = generator(torch.randn(batch, 2)).detach()
        loss = softplus(-critic(real).scores).mean() + softplus(critic(fake).scores).mean()
        critic_adam.zero_grad()
        loss.backward()
        critic_adam.step()
        loss = softplus(-critic(generator(torch.randn(batch, 2))).scores).mean()
        generator_adam.zero_grad()
        loss.backward()
        generator_adam.step()
        yield


def engine_iterations(group: Group, problem: Problem, data: Tensor) -> Iterator[None]:
    """Train a group as `gan-bench run` does, an iteration at a time."""
    curves = Curves(group, problem, Data(data, Truth(reference=data)))
    for position in advance(group, group.start()):
        curves.add(position)
        yield


def clock(iterations: Iterator[None], count: int) -> float:
    """Time `count` iterations; seconds of one."""
    began = time.perf_counter()
    for _ in range(count):
        next(iterations)
    return (time.perf_counter() - began) / count


def measure(members: int, width: int, batch: int, rounds: int, count: int) -> Timing:
    """Time both sides in alternating rounds."""
    data = torch.randn(100_000, 2, generator=torch.Generator().manual_seed(0))
    problem = problem_of(data, width)
    plain = plain_iterations(problem, data, batch)
    with FlopCounterMode(display=False) as counter:
        next(plain)
    budget = max(2_500, (rounds + 1) * count + 10)  # a usual one: every 25th iteration is a point of the curves
    group = form(problem, NonSaturating(), Training(batch=batch), range(members), data, budget)
    engine = engine_iterations(group, problem, data)
    start = clock(engine, 1)
    clock(plain, 10), clock(engine, 9)
    times = [(clock(plain, count) * members, clock(engine, count)) for _ in range(rounds)]
    plain_time, engine_time = (statistics.median(column) for column in zip(*times, strict=True))
    return Timing(plain_time, engine_time, start, counter.get_total_flops() * members)


def product_rate(size: int = 1024, repeats: int = 5) -> float:
    """Measure this machine's rate in one large float32 product, in FLOP/s."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        torch.mm(a, b)
        seconds.append(time.perf_counter() - began)
    return 2.0 * size**3 / min(seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time the engine against a plain PyTorch loop.")
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--iterations", type=int, default=40, help="in a round")
    options = parser.parse_args()
    say = partial(print, flush=True)
    say("threads  members  width  batch    plain ms   engine ms   ratio   start s   GFLOP/s  of one product")
    for threads in options.threads:
        with prepared_process(threads):
            for case in CASES:
                say(line(threads, *case, options.rounds, options.iterations))


def line(threads: int, members: int, width: int, batch: int, rounds: int, iterations: int) -> str:
    """Measure one case and write its line."""
    timing = measure(members, width, batch, rounds, iterations)
    achieved = timing.flops / timing.engine
    case = f"{threads:7}  {members:7}  {width:5}  {batch:5}"
    times = f"{1e3 * timing.plain:10.2f}  {1e3 * timing.engine:10.2f}  {timing.plain / timing.engine:5.1f}x"
    return f"{case}  {times}  {timing.start:8.1f}  {achieved / 1e9:8.1f}  {achieved / product_rate():14.0%}"


if __name__ == "__main__":
    main()
