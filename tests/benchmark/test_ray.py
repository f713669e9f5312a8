"""The Ray executor: the serial run's records, also when a worker is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.store import read_all

pytest.importorskip("ray", reason="Ray is an extra: pip install 'gan-bench[ray]'")

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(600)]

WORDS = ["run", "-o", "ns", "-o", "hinge", "-p", "ring", "--seeds", "2", "--iterations", "200"]


def start(root: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start the run as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from benchmark.cli import main; main()", *WORDS, "--results", str(root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def scores(root: Path):
    """Give the scores of every record by key; no file may be unreadable."""
    records, bad = read_all(root)
    assert not bad
    return {record.key: dict(record.scores) for record in records}


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    """Give the scores of the serial run."""
    root = tmp_path_factory.mktemp("serial")
    process = start(root)
    process.communicate(timeout=300)
    assert process.returncode == 0
    return scores(root)


def workers() -> list[int]:
    """List the processes of Ray workers that run a group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue
        if command.startswith(b"ray::work"):
            found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the workers in /proc")
def test_a_lost_worker_costs_nothing_but_time(serial, tmp_path):
    """One worker killed in mid-group: every record is there and equals the serial one; stdout holds only the table."""
    process = start(tmp_path, "--executor", "ray", "--checkpoint-seconds", "0")
    begun = time.monotonic()
    while not list(tmp_path.glob("groups/*/checkpoint.pt")) and time.monotonic() - begun < 240:
        time.sleep(0.02)
    victims = workers()
    assert victims
    os.kill(victims[0], signal.SIGKILL)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()
    assert scores(tmp_path) == serial
    assert out.decode().lstrip().startswith("ring")
