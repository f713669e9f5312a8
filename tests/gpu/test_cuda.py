"""CUDA: the CPU's numbers, the same bits from replays, after a kill and at every run; `make gpu` runs these."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch.utils._pytree import tree_map

from benchmark.engine import loop
from benchmark.engine.blocks import CudaGraph
from benchmark.engine.dynamics import DYNAMICS
from benchmark.engine.loop import advance, feed
from benchmark.engine.program import straighten
from benchmark.store import read_all
from objectives import OBJECTIVES
from tests.benchmark.builders import POINTS, group
from tests.benchmark.builders_of_teams import rows, team
from tests.benchmark.test_blocks import identical

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]

CASES = [(spec, "alternating") for spec in OBJECTIVES] + [("ns+r1", name) for name in DYNAMICS]


def three_iterations(spec, dynamics, data):
    """Return all that the members carry after three iterations, on the host."""
    members = team(dynamics, spec, seeds=[0, 1], data=data)
    state = members.start()
    for batch in feed(members, 0, 3):
        state, _ = members.step(state, batch)
    return rows(state).cpu()


@pytest.mark.parametrize(("spec", "dynamics"), CASES)
def test_cuda_agrees_with_the_cpu(spec, dynamics):
    """Three iterations differ by 1e-9 in float64 and by rounding in float32."""
    for data, tolerance in ((POINTS, 1e-9), (POINTS.float(), 2e-3)):
        here, there = (three_iterations(spec, dynamics, points) for points in (data, data.cuda()))
        assert torch.allclose(here, there, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("spec", "dynamics"), CASES)
def test_replays_equal_single_steps_to_the_bit(spec, dynamics, monkeypatch):
    """Recorded blocks give the bits of the same traced step, launched one kernel at a time."""
    members = team(dynamics, spec, seeds=[0, 1], data=POINTS.float().cuda(), iterations=11)
    start, batches = members.start(), list(feed(members, 0, 11))
    step, stepped, reports = straighten(members.step, start, batches[0]), start, []
    for batch in batches:
        stepped, terms = step(stepped, batch)
        reports.append((stepped, terms))
    monkeypatch.setattr(loop, "TRACE_FROM", 1)
    positions = list(advance(members, members.start(), stops=(1, 9), graph=CudaGraph))
    assert [position.iteration for position in positions] == [1, 9, 10, 11]
    for position in positions:
        assert identical(position[1:], reports[position.iteration - 1])


def test_settings_that_vary_are_recorded_too():
    """A group of a hundred members replays like the group stepped."""
    members = group("wgan-gp", range(100), data=POINTS.float().cuda(), iterations=3)
    step = straighten(members.step, members.start(), next(feed(members, 0, 1)))
    state = members.start()
    for batch in feed(members, 0, 3):
        state, _ = step(state, batch)
    *_, last = advance(members, members.start(), graph=CudaGraph)
    assert torch.allclose(rows(last.state), rows(state), rtol=1e-3, atol=1e-4)


def command(root: Path, *words: str) -> list[str]:
    """Return a command line of a CUDA run under a root."""
    start = ["-c", "from benchmark.cli import main; main()", "run", "-o", "ns", "-o", "began", "-p", "ring"]
    return [sys.executable, *start, "--seeds", "2", "--device", "cuda", "--results", str(root), *words]


def scores_under(root: Path) -> dict[str, dict[str, float]]:
    """Return every objective's scores by key."""
    records, bad = read_all(root)
    assert not bad
    return {
        record.key: {name: score.value for name, score in record.scores.items()}
        for record in records
        if record.kind == "objective"
    }


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path):
    """SIGKILL in the middle, and the same command again, give the records of the run that nobody killed."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    subprocess.run(command(whole, "--iterations", "6000"), check=True, capture_output=True, timeout=200)
    process = subprocess.Popen(
        command(killed, "--iterations", "6000", "--checkpoint-seconds", "0.2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not list(killed.glob("groups/*/checkpoint.pt")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.poll() is None, "the run ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run(command(killed, "--iterations", "6000"), check=True, capture_output=True, timeout=200)
    assert scores_under(killed) == scores_under(whole)


def test_what_does_not_fit_is_one_sentence(tmp_path):
    """A batch larger than the device's memory is left out with a sentence, and no traceback."""
    words = command(tmp_path, "--set", "batch=2000000000", "--iterations", "2")
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False)
    assert "does not fit into memory" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_deterministic_runs_are_equal_to_the_bit():
    """Two runs of a group of convolutions give the same bits under deterministic operations."""
    from benchmark.engine.group import form
    from benchmark.engine.host import prepared_process
    from benchmark.problems import problem_of
    from objectives import NonSaturating

    problem = problem_of("mnist").configured("dcgan")
    data = torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(0)).cuda()
    ends = []
    with prepared_process(1, deterministic=True):
        for _ in range(2):
            members = form(problem, NonSaturating(), problem.training, (0, 1), data, 4)
            state = members.start()
            for batch in feed(members, 0, 4):
                state, _ = members.step(state, batch)
            ends.append(tree_map(torch.clone, state.generator.parameters))
    assert torch.equal(*ends)
