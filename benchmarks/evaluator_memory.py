"""Peak memory of precision, recall, density and coverage beside the package `prdc`, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.evaluator_cases import features, silent_prdc
from evaluators.manifold import precision_recall_density_coverage

LEAST = 4.0
WORKS: dict[str, Callable[[Tensor, Tensor], object]] = {"ours": precision_recall_density_coverage, "prdc": silent_prdc}


def peak() -> int:
    """Return the process's peak memory in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: there ru_maxrss starts from the parent's peak
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(name: str, n: int, sender: Connection) -> None:
    """Send how far the peak rises above features and libraries."""
    torch.set_num_threads(1)
    work = WORKS[name]
    x, y = features(n, 512, 1), features(n, 512, 2)
    work(x[:50], y[:50])  # whatever is imported at the first call is not the algorithm's
    before = peak()
    work(x, y)
    sender.send(peak() - before)


def growth(name: str, n: int) -> int:
    """Return the growth of the peak in a fresh process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(name, n, sender))
    process.start()
    found: int = receiver.recv()
    process.join()
    return found


def memory_lines(scale: float) -> list[str]:
    """Return the lines of the comparison."""
    n = round(10_000 * scale)
    ours, theirs = growth("ours", n), growth("prdc", n)
    ratio = theirs / ours if ours else float("inf")
    verdict = "kept" if ratio >= LEAST else "MISSED"
    return [
        f"PRDC memory, {n} x 512, growth of the peak",
        f"  {'ours':34s} {ours / 2**20:9.1f} MiB",
        f"  {'prdc':34s} {theirs / 2**20:9.1f} MiB  {ratio:7.2f} x ours  promised {LEAST:g}: {verdict}",
    ]
