"""Faults under Ray: a signal while it starts, and an objective that breaks in a worker."""

from __future__ import annotations

import signal

import pytest

from tests.faults.processes import typed
from tests.faults.stores import ONE, is_whole, numbers

pytest.importorskip("ray", reason="Ray is an extra: pip install ray")

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(600)]

RAY = ("--executor", "ray")
MINE = """
from dataclasses import dataclass
from torch.nn.functional import softplus
from objectives import Objective

CALLS = []

@dataclass(frozen=True)
class Mine(Objective):
    def critic_loss(self, critic, real, fake, game):
        CALLS.append(1)
        if len(CALLS) > 12:
            raise RuntimeError("my own bug")
        return softplus(-critic(real)).mean() + softplus(critic(fake)).mean()

    def generator_loss(self, critic, real, fake, game):
        return softplus(-critic(fake)).mean()
"""


def test_signals_and_broken_objectives_under_ray(half, whole, tmp_path, monkeypatch, tally):
    """A signal while Ray starts, and one while it works: its exit code, one line, nothing lost.

    The same command then goes on to the serial run's bits, and a broken objective beside it is told with its line.
    """
    words = [*ONE, "-o", "ns", "-o", "hinge", "--results", half]
    for place in ("ray._private.node:Node.start_ray_processes", "benchmark.runner.ray_executor:progress_of"):
        with tally.kept(half):
            done = typed([*words, *RAY], tmp_path, ["signal_at", place, signal.SIGTERM])
        tally.kill()
        assert done.code == 128 + signal.SIGTERM, done.err
        assert done.line == "gan-bench: interrupted; repeat the command to resume."
        assert is_whole(half)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    with tally.kept(half):
        done = typed([*words, "-o", "mine.py:Mine", *RAY], tmp_path)
    tally.fault()
    assert done.code == 3, done.err
    assert "my own bug" in done.err
    assert "mine.py, line 13" in done.err
    assert "Traceback" not in done.err
    assert numbers(half) == numbers(whole)
