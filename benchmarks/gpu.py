"""How fast groups train on a GPU: `python benchmarks/gpu.py [--seconds 240]`.

One row for each network and group size: the milliseconds of one iteration of the whole group by recorded blocks, as
`gan-bench run` trains; those of one plain PyTorch loop a seed on the same device, eager and compiled; the kernels of
one iteration; and the shares of two limits, the device's rate in one large float32 product and the launching of that
many empty kernels from a graph. Sides alternate where they are compared, and medians of rounds are printed. Rows that
the seconds do not allow are left out, and the last line says so.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import softplus
from torch.utils.flop_counter import FlopCounterMode

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.engine.blocks import CudaGraph
from benchmark.engine.group import Group, form
from benchmark.engine.host import prepared_process
from benchmark.engine.loop import advance
from benchmark.problems import Problem, Training, problem_of
from objectives import NonSaturating

DEVICE = torch.device("cuda")
SIZES = (1, 8, 64, 256)
CONVOLUTIONAL = (1, 8, 32)
ROUNDS = 5

say = partial(print, flush=True)


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median seconds of the work, the device waited for."""
    seconds = []
    for _ in range(rounds):
        torch.cuda.synchronize()
        began = time.perf_counter()
        work()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def plain_step(
    problem: Problem, batch: int, data: Tensor, *, channels_last: bool = False, compiled: bool = False
) -> Callable[[], None]:
    """Return one iteration of one seed of the non-saturating game, written by hand."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    nets = problem.critic("score"), problem.generator()
    critic, generator = (net.to(DEVICE).to(memory_format=layout) for net in nets)
    critic_adam, generator_adam = (
        torch.optim.Adam(net.parameters(), 1e-3, betas=(0.5, 0.999)) for net in (critic, generator)
    )
    width = problem.noise.dimension

    def loss_of_critic(real: Tensor, noise: Tensor) -> Tensor:
        fake = generator(noise).detach()
        return softplus(-critic(real).scores).mean() + softplus(critic(fake).scores).mean()

    def loss_of_generator(noise: Tensor) -> Tensor:
        return softplus(-critic(generator(noise)).scores).mean()

    critic_loss = torch.compile(loss_of_critic) if compiled else loss_of_critic
    generator_loss = torch.compile(loss_of_generator) if compiled else loss_of_generator

    def step() -> None:
        real = data[torch.randint(len(data), (batch,), device=DEVICE)]
        critic_adam.zero_grad()
        critic_loss(real.to(memory_format=layout), torch.randn(batch, width, device=DEVICE)).backward()
        critic_adam.step()
        generator_adam.zero_grad()
        generator_loss(torch.randn(batch, width, device=DEVICE)).backward()
        generator_adam.step()

    return step


def blocks(group: Group) -> Iterator[None]:
    """Train a group by its longest recorded blocks, one at a time."""
    for _ in advance(group, group.start(), graph=CudaGraph):
        yield


def group_of(problem: Problem, members: int, data: Tensor, batch: int) -> Group:
    """Form a group whose budget lasts for the measurement."""
    return form(problem, NonSaturating(), Training(batch=batch), range(members), data, 1 << 20)


def kernels(group: Group) -> int:
    """Count the kernels of one iteration as the device sees them."""
    steps = advance(group, group.start(), stops=(1, 2, 3), graph=CudaGraph)
    next(steps)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        next(steps)
        torch.cuda.synchronize()
    return sum("memcpy" not in event.name.lower() for event in profile.events())


def flops(problem: Problem, batch: int, data: Tensor) -> int:
    """Count the floating-point operations of one member's iteration."""
    with FlopCounterMode(display=False) as counter:
        plain_step(problem, batch, data)()
    return int(counter.get_total_flops())


def product_rate(size: int = 8192) -> float:
    """Measure the device's rate in one large float32 product, in FLOP/s."""
    a, b, out = (torch.randn(size, size, device=DEVICE) for _ in range(3))
    torch.mm(a, b, out=out)
    return 2.0 * size**3 / timed(lambda: torch.mm(a, b, out=out))


def launch_seconds(count: int = 2_000) -> float:
    """Measure the seconds of one tiny kernel in a graph of many."""
    x, graph = torch.zeros(1, device=DEVICE), CudaGraph()

    def tiny() -> None:
        for _ in range(count):
            x.add_(1.0)

    graph.record(tiny)
    graph.replay()
    return timed(graph.replay) / count


def seconds_of(step: Callable[[], None], count: int = 20) -> float:
    """Return the median seconds of one step, after three that warm it up."""

    def several() -> None:
        for _ in range(count):
            step()

    for _ in range(3):
        step()
    return timed(several, 3) / count


def row(name: str, problem: Problem, members: int, batch: int, data: Tensor, limits: tuple[float, float]) -> str:
    """Measure one group and write its line."""
    group = group_of(problem, members, data, batch)
    length = min(64, group.block)
    train = blocks(group)
    next(train)
    ours = timed(lambda: next(train)) / length
    eager = seconds_of(plain_step(problem, batch, data)) * members
    try:
        faster = f"{seconds_of(plain_step(problem, batch, data, compiled=True)) * members * 1e3:11.2f}"
    except Exception as error:  # no compiler here
        faster = f"{type(error).__name__[:11]:>11}"
    count, work = kernels(group), flops(problem, batch, data) * members
    return (
        f"{name:<12}{members:>7}{batch:>7}{ours * 1e3:>11.3f}{eager * 1e3:>11.2f}{faster}{eager / ours:>8.1f}x"
        f"{count:>9}{work / ours / limits[0]:>9.1%}{count * limits[1] / ours:>9.0%}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time groups on a GPU against one plain loop a seed.")
    parser.add_argument("--seconds", type=float, default=240.0, help="no row begins after them")
    options = parser.parse_args()
    began = time.monotonic()
    ring, mnist = problem_of("ring"), problem_of("mnist").configured("dcgan")
    points = torch.randn(100_000, 2, device=DEVICE)
    images = torch.rand(10_000, 1, 28, 28, device=DEVICE)
    with prepared_process(1):
        limits = product_rate(), launch_seconds()
        say(f"{torch.cuda.get_device_name(DEVICE)}, torch {torch.__version__}: {limits[0] / 1e12:.0f} TFLOP/s in one ")
        say(f"float32 product, {limits[1] * 1e6:.2f} us for each empty kernel of a graph. Milliseconds an iteration:")
        say("networks    members  batch    blocks ms   plain ms compiled ms    ratio  kernels  product   launch")
        cases = [("2x128", ring, size, 128, points) for size in SIZES]
        cases += [("dcgan", mnist, size, 64, images) for size in CONVOLUTIONAL]
        left = 0
        for name, problem, size, batch, data in cases:
            if time.monotonic() - began > options.seconds:
                left += 1
                continue
            try:
                say(row(name, problem, size, batch, data, limits))
            except torch.OutOfMemoryError:
                say(f"{name:<12}{size:>7}{batch:>7}   does not fit into the device's memory")
        plain, last = (timed(plain_step(mnist, 64, images, channels_last=flag), 10) * 1e3 for flag in (False, True))
        say(f"dcgan, one member by the plain loop: {plain:.2f} ms, with channels_last {last:.2f} ms")
    if left:
        say(f"{left} rows are left out: {options.seconds:g} seconds were over.")


if __name__ == "__main__":
    main()
