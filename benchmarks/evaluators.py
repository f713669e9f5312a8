"""How fast the evaluators are beside their peers: `python benchmarks/evaluators.py`.

Every case runs ours and each peer in turn, round after round, on one core, and compares medians: a machine that is
busy slows all of them alike. `--scale 0.1` shrinks the sizes for a trial; the promised ratios are those of 1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.evaluator_cases import Case, cases
from benchmarks.evaluator_memory import memory_lines


@dataclass(frozen=True)
class Timing:
    """Seconds of every round of one contender."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(case: Case, rounds: int) -> list[Timing]:
    """Time ours and the peers in turn; ours comes first in the list."""
    contenders = {"ours": case.ours, **{peer.name: peer.work for peer in case.peers}}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            seconds[name].append(timed(work))
    share = {peer.name: peer.share for peer in case.peers}
    return [Timing(name, tuple(s / share.get(name, 1.0) for s in found)) for name, found in seconds.items()]


def report(case: Case, timings: Sequence[Timing]) -> list[str]:
    """Return the lines of one case: seconds, the ratio to ours, what was promised of it."""
    ours = timings[0].median
    lines = [f"{case.name}", f"  {'ours':34s} {ours:9.3f} s"]
    for peer, timing in zip(case.peers, timings[1:], strict=True):
        ratio = timing.median / ours
        verdict = (
            "" if peer.least is None else f"  promised {peer.least:g}: {'kept' if ratio >= peer.least else 'MISSED'}"
        )
        note = "" if peer.share == 1.0 else f" (run on {peer.share:.0%})"
        lines.append(f"  {peer.name + note:34s} {timing.median:9.3f} s  {ratio:7.2f} x ours{verdict}")
    return lines + [f"  {line}" for line in case.errors()]


def on_one_core() -> None:
    """Keep this process, and the threads that peers start, on one core."""
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python benchmarks/evaluators.py", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the sizes of the cases")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the median counts")
    parser.add_argument("--only", default="", help="run the cases whose name contains this")
    chosen = parser.parse_args(arguments)
    on_one_core()
    for build in cases(chosen.only):
        case = build(chosen.scale)
        sys.stdout.write("\n".join(report(case, interleaved(case, chosen.rounds))) + "\n")
        sys.stdout.flush()
    if chosen.only in "prdc memory":
        sys.stdout.write("\n".join(memory_lines(chosen.scale)) + "\n")


if __name__ == "__main__":
    main()
