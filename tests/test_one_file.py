"""The file of the page "Bring everything in one file" does all that the page says of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from benchmark.store import read_all
from tests.prose import DOCS, blocks_of

pytestmark = pytest.mark.xdist_group("ray")  # one worker, so that what all use is trained once

WORDS = [
    *("-o", "mine.py:Loss", "-o", "ns", "-p", "mine.py:Moons", "--network", "mine.py:Small"),
    *("--evaluator", "mine.py:energy", "--seeds", "3", "--checkpoint-seconds", "0.1", "--no-pictures"),
]
LINES = 80


def start(folder, *words):
    """Start the command line as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(DOCS.parent), "OMP_NUM_THREADS": "1"},
    )


def finish(process):
    """Wait for a process that must succeed and return what it printed."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out


def scores(folder):
    """Return the scores of all records by key; none may be unreadable."""
    records, bad = read_all(folder)
    assert not bad
    return {record.key: (record.row, record.seed, record.scores) for record in records}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the file, and the runs of one uninterrupted command."""
    folder = tmp_path_factory.mktemp("mine")
    (language, content), *_ = blocks_of(DOCS / "how-to" / "one-file.md")
    assert language == "python"
    assert content.startswith("# mine.py\n")
    assert content.count("\n") <= LINES
    (folder / "mine.py").write_text(content)
    return folder


@pytest.fixture(scope="module")
def whole(folder):
    """Return what one uninterrupted command printed."""
    return finish(start(folder, "run", *WORDS, "--iterations", "200", "--results", "whole"))


def test_its_table_and_report_show_all_four(folder, whole):
    """Rows of both objectives and the controls, the problem's and the user's columns, and a page."""
    for text in ("mine.py:Moons", "mine.py:Loss", "ns", "oracle (control)", "energy ↓", "energy: source sha256:"):
        assert text in whole
    rows = {(row, seed) for row, seed, _ in scores(folder / "whole").values()}
    assert {(row, seed) for row in ("mine.py:Loss", "ns") for seed in range(3)} <= rows
    finish(start(folder, "report", "--output", "report.html", "--results", "whole"))
    page = (folder / "report.html").read_text()
    assert "mine.py:Loss" in page
    assert "energy" in page


def test_a_killed_run_goes_on_to_the_same_bits(folder, whole):
    """SIGKILL at a checkpoint, the same command again: every score is that of the uninterrupted command."""
    words = ["run", *WORDS, "--iterations", "200", "--results", "killed"]
    process = start(folder, *words)
    until = time.monotonic() + 120
    while process.poll() is None and not list((folder / "killed").glob("groups/*/checkpoint.pt")):
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    finish(start(folder, *words))
    assert scores(folder / "killed") == scores(folder / "whole")


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is an extra: pip install ray")
@pytest.mark.timeout(600)
def test_ray_workers_get_what_the_file_holds(folder, whole):
    """The same command with `--executor ray` gives the same records."""
    finish(start(folder, "run", *WORDS, "--iterations", "200", "--results", "ray", "--executor", "ray"))
    assert scores(folder / "ray") == scores(folder / "whole")
