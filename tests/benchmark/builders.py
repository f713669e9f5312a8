"""Builders that several tests share."""

from __future__ import annotations

import torch

from benchmark.engine.group import Group, form
from benchmark.engine.loop import feed
from benchmark.engine.state import State
from benchmark.problems import PROBLEMS, Training
from objectives.spec import parse

POINTS = torch.randn(64, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def group(spec: str = "ns", seeds=range(3), *, data=POINTS, iterations: int = 10, problem: str = "ring", **training):
    """Form a small float64 group on the ring's networks."""
    known = PROBLEMS[problem]
    settings = Training(**{"batch": 8, **training})
    return form(known, parse(spec, scales=known.budget.scales), settings, tuple(seeds), data, iterations)


class Noted:
    """A tracker that leaves a file in the run's directory, with another line at each start and end."""

    def start(self, run):
        """Hear that a run begins."""
        self.path = run.directory / "heard"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.end("start")

    def step(self, iteration, values):
        """Note nothing."""

    def samples(self, samples):
        """Note nothing."""

    def evaluation(self, scores):
        """Note nothing."""

    def end(self, record):
        """Add a line."""
        with self.path.open("a") as file:
            file.write(f"{record}\n")


def play(members: Group, state: State | None = None, start: int = 0, stop: int = 10):
    """Advance a group step by step without tracing and give the state and the last terms."""
    state = state or members.start()
    terms = None
    for batch in feed(members, start, stop):
        state, terms = members.step(state, batch)
    return state, terms
