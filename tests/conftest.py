"""What holds for all tests: one thread a process, since several share the cores; fixed draws; a count of the faults."""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest

# Before torch is imported, here and in the processes that tests start: threads that wait for each other on busy cores
# make small tensor operations a hundred times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

TRIED = pytest.StashKey[Counter[str]]()


@pytest.fixture(autouse=True)
def same_draws():
    """Start each test from the same state of torch's global generator, from which many draw their inputs."""
    torch = sys.modules.get("torch")  # tests of what needs no torch do not import it
    if torch is not None:
        torch.manual_seed(0)


def pytest_configure(config):
    """Begin to count the faults, kills and inputs that tests/faults tries."""
    config.stash[TRIED] = Counter()


@pytest.fixture(scope="session")
def tried(request):
    """Return the counts of this process."""
    return request.config.stash[TRIED]


def pytest_sessionfinish(session):
    """Send a worker's counts to the process that started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tried"] = dict(session.config.stash[TRIED])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Add a worker's counts."""
    node.config.stash[TRIED].update(getattr(node, "workeroutput", {}).get("tried", {}))


def pytest_terminal_summary(terminalreporter, config):
    """Say what was tried and what was lost, where anything was tried."""
    tried = config.stash[TRIED]
    if tried:
        terminalreporter.section("faults")
        terminalreporter.write_line(
            f"{tried['faults']} faults, {tried['kills']} kills and {tried['inputs']:,} hostile inputs were tried; "
            f"of {tried['records']} records that lay there before, {tried['lost']} were lost or changed."
        )
