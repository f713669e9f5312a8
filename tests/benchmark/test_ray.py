"""The Ray executor: the serial run's records, also if a worker is lost; trackers run in the workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.runner.ray_executor import TOKEN, ensure_token
from benchmark.store import directory_of, read_all

pytest.importorskip("ray", reason="Ray is an extra: pip install ray")

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(600)]

TRACKER = """
import json


class Diary:
    def start(self, run):
        self.file = run.directory / "diary.jsonl"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.tell("start", run.key)

    def tell(self, *said):
        with self.file.open("a") as file:
            file.write(json.dumps(said) + "\\n")

    def step(self, iteration, values):
        self.tell("step", iteration)

    def samples(self, samples):
        self.tell("samples", len(samples))

    def evaluation(self, scores):
        self.tell("evaluation", sorted(scores))

    def end(self, record):
        self.tell("end", record and record.key)
"""

WORDS = ["run", "-o", "ns", "-o", "hinge", "-p", "ring", "--seeds", "2", "--iterations", "200"]


def start(root: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start the run as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from benchmark.cli import main; main()", *WORDS, "--results", str(root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def scores(root: Path):
    """Return the scores of every record by key; no file may be unreadable."""
    records, bad = read_all(root)
    assert not bad
    return {record.key: dict(record.scores) for record in records}


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    """Return the scores of the serial run."""
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


def descendants(pid: int) -> list[int]:
    """List a process and all that it started."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in descendants(int(child)))]


def listening(pid: int) -> set[str]:
    """Return the addresses on which a process and its descendants listen, as the kernel writes them in hexadecimal."""
    sockets = {
        str(handle.readlink())
        for one in descendants(pid)
        for handle in Path(f"/proc/{one}/fd").glob("*")
        if handle.is_symlink()
    }
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:  # the state LISTEN
                found.add(words[1].partition(":")[0])
    return found


@pytest.fixture(scope="module")
def survived(tmp_path_factory):
    """Return the root, stdout and stderr of a run with Ray and a tracker; one of its workers was killed mid-group."""
    if not Path("/proc").exists():
        pytest.skip("finds the workers in /proc")
    root = tmp_path_factory.mktemp("ray")
    diary = tmp_path_factory.mktemp("tracker") / "diary.py"
    diary.write_text(TRACKER)
    process = start(root, "--executor", "ray", "--checkpoint-seconds", "0", "--log-to", f"{diary}:Diary")
    begun = time.monotonic()
    while not list(root.glob("groups/*/checkpoint.pt")) and time.monotonic() - begun < 240:
        time.sleep(0.02)
    addresses = listening(process.pid)
    victims = workers()
    assert victims
    os.kill(victims[0], signal.SIGKILL)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()
    return root, out.decode(), err.decode(), addresses


def test_a_lost_worker_costs_nothing_but_time(serial, survived):
    """Every record is there and equals the serial one; stdout holds only the table."""
    root, out, _, _ = survived
    assert scores(root) == serial
    assert out.lstrip().startswith("ring")


def test_ray_alone_on_a_machine_listens_on_loopback_only(survived):
    """No other machine can reach the ports of the driver, the scheduler or a worker."""
    _, _, err, addresses = survived
    assert addresses
    assert addresses <= {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert "Ray listens on" not in err


def test_a_tracker_follows_every_run_in_the_workers(survived):
    """Each of the four runs starts, has steps to the last iteration, samples and scores, and ends once."""
    root, _, err, _ = survived
    assert "failed and is disabled" not in err
    records = [record for record in read_all(root)[0] if record.kind == "objective"]
    assert len(records) == 4
    for record in records:
        lines = [json.loads(line) for line in (directory_of(root, record) / "diary.jsonl").read_text().splitlines()]
        assert lines[0] == ["start", record.key]
        assert lines[-1] == ["end", record.key]
        assert [line[0] for line in lines[-3:]] == ["samples", "evaluation", "end"]
        assert lines[-2][1] == sorted(record.scores)
        assert ["step", 200] in lines
        assert sum(line[0] == "end" for line in lines) == 1


def test_a_home_that_cannot_be_written_gets_a_token(monkeypatch, tmp_path):
    """Ray reads the one in the environment; where it can write its own, it does, and the user's own token stays."""
    monkeypatch.delenv(TOKEN, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    ensure_token()
    assert TOKEN not in os.environ
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    ensure_token()
    own = os.environ[TOKEN]
    assert len(own) == 64
    ensure_token()
    assert os.environ[TOKEN] == own
    monkeypatch.delenv(TOKEN)
