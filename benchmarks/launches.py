"""How many operations one iteration launches on a device: `python benchmarks/launches.py [NAME ...]`.

Counted on the traced and straightened step, without a device: every operation but views is a kernel or a few. A GPU
takes some 2 to 5 microseconds for a small one, so that the count bounds the iterations a second from above.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from torch import fx

if not __package__:  # run as a script: from its own folder, `evaluators.py` would hide the package of that name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.engine.program import straighten
from benchmark.problems import problem_of
from objectives import OBJECTIVES
from objectives.spec import parse

MEMBERS = 8  # the count does not depend on it


def launches(spec: str, problem_name: str = "ring", members: int = MEMBERS) -> int:
    """Count what one iteration of a group launches; raises TypeError where its step cannot be traced."""
    problem = problem_of(problem_name)
    data = torch.randn(256, 2, generator=torch.Generator().manual_seed(0))
    group = form(problem, parse(spec, scales=problem.budget.scales), problem.training, range(members), data, 1_000)
    step = straighten(group.step, group.start(), next(feed(group, 0, 1)))
    if not isinstance(step, fx.GraphModule):
        raise TypeError(f"the step of {spec} cannot be traced")
    return sum(is_launched(node) for node in step.graph.nodes)


def is_launched(node: fx.Node) -> bool:
    """Return whether a node of a trace does work on the device: it is an operation, and no view."""
    return isinstance(node.target, torch._ops.OpOverload) and not node.target.is_view


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description="Count the operations of one iteration.")
    parser.add_argument("names", nargs="*", default=sorted(OBJECTIVES))
    for name in parser.parse_args().names:
        print(f"{name:<24}{launches(name):>7}", flush=True)


if __name__ == "__main__":
    main()
