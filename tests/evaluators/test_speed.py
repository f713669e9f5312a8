"""The promised ratios of speed, memory and error, at full size; and that the table prints at any size."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from evaluators import speed
from evaluators.speed_memory import memory_lines


def test_the_table_prints(capsys, monkeypatch):
    """A trial size runs every case of one name and ends with verdicts."""
    monkeypatch.setattr(speed, "on_one_core", lambda: None)
    speed.main(["--scale", "0.02", "--rounds", "1", "--only", "frechet"])
    printed = capsys.readouterr().out
    assert printed.count("torch-fidelity") == 4
    assert re.search(r"promised 3: (kept|MISSED)", printed)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_promises_are_kept_at_full_size():
    """`python -m evaluators.speed` in one interleaved run: no promise is missed."""
    pytest.importorskip("prdc")
    done = subprocess.run(
        [sys.executable, "-m", "evaluators.speed"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert "MISSED" not in done.stdout, done.stdout
    errors = [float(e) for e in re.findall(r"relative error of ours: (\S+)", done.stdout)]
    assert len(errors) == 2
    assert max(errors) <= 1e-9


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_memory_stays_below_a_quarter_of_prdc():
    """The growth of the peak at 10,000 x 512, each in a process of its own."""
    pytest.importorskip("prdc")
    assert "kept" in memory_lines(1.0)[-1]
