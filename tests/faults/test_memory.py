"""Memory: a group that does not fit is told with advice that helps; a long run does not grow."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import torch

import benchmark.runner.train
from benchmark.engine import checkpoint
from benchmark.engine.loop import advance
from benchmark.store import read_all
from tests.benchmark.builders import group
from tests.faults.processes import typed
from tests.faults.stores import ONE, is_whole, numbers

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and measures a process through Linux")
PAGE = 4096
MORE = 2**20 * 300  # bytes that a child may take beyond what it has when training begins


@needs_linux
def test_the_advice_leads_to_a_group_that_fits(tmp_path, tally):
    """Four members of a huge batch do not fit: a sentence says so, the controls finish; as advised it ends well."""
    root = tmp_path / "runs"
    words = ["run", "-o", "ns", "-p", "ring", "--seeds", "4", "--iterations", "1", "--set", "batch=20000"]
    limit = ["limit_memory_at", "benchmark.runner.train:form", MORE]
    advice: list[str] = []
    codes = []
    for _ in range(4):
        done = typed([*words, *advice, "--results", root], tmp_path, limit)
        codes.append(done.code)
        tally.fault()
        assert "Traceback" not in done.err
        assert is_whole(root)
        assert {record.row for record in read_all(root)[0]} >= {"gmm", "oracle", "untrained"}
        advised = re.search(r"does not fit into memory; .*(--group-size) (\d+)\.", done.err)
        if advised is None:
            break
        advice = [advised[1], advised[2]]
    assert codes[0] == 3
    assert codes[-1] == 0, done.err
    assert len(numbers(root)) == 16


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(), RuntimeError("not enough memory: 1")]
)
@pytest.mark.parametrize(("seeds", "advice"), [("4", "--group-size 2"), ("1", "batch")])
def test_whatever_says_that_memory_is_full(error, seeds, advice, tmp_path, monkeypatch, type_in, tally):
    """A GPU's, Python's and torch's own failure each become one sentence with advice, and exit code 3."""

    def no_room(*arguments, **named):
        raise error

    monkeypatch.setattr(benchmark.runner.train, "form", no_room)
    words = ["run", "-o", "ns", "-p", "ring", "--seeds", seeds, "--iterations", "1", "--results", tmp_path]
    code, out, err = type_in(*words)
    tally.fault()
    assert code == 3
    assert "Traceback" not in err
    assert err.count("does not fit into memory") == 1
    assert advice in err
    assert "oracle" in out


def resident() -> int:
    """Return the memory that this process has in use, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


@needs_linux
@pytest.mark.parametrize(
    ("iterations", "megabytes"), [(3_000, 8), pytest.param(50_000, 16, marks=pytest.mark.full)], ids=["3k", "50k"]
)
@pytest.mark.timeout(1200)
def test_a_long_run_does_not_grow(iterations, megabytes, tally):
    """From a fifth of the run to its end, checkpoints written on the way, the process takes no further memory."""
    small = group("ns", seeds=range(1), iterations=iterations, data=torch.randn(64, 2))
    start = 0
    for position in advance(small, small.start()):
        if position.iteration % (iterations // 20) == 0:
            content = checkpoint.pack(position, "key", {})
            checkpoint.unpack(content, "key", small)
        if position.iteration == iterations // 5:
            start = resident()
    tally.fault()
    assert position.iteration == iterations
    assert (resident() - start) / 2**20 < megabytes


def test_a_run_that_does_not_fit_leaves_the_others(tmp_path, monkeypatch, type_in, whole, tally):
    """One group of two has no room: the other has the numbers that it has alone."""
    real = benchmark.runner.train.form

    def no_room_for_one(problem, objective, *others):
        if type(objective).__name__ == "Hinge":
            raise MemoryError
        return real(problem, objective, *others)

    monkeypatch.setattr(benchmark.runner.train, "form", no_room_for_one)
    code, _, err = type_in(*ONE, "-o", "hinge", "-o", "ns", "--results", tmp_path / "runs")
    tally.fault()
    assert code == 3
    assert "2 runs are not finished" in err
    assert {key: run for key, run in numbers(whole).items() if run[0] != "hinge"} == numbers(tmp_path / "runs")
