"""What the tests of faults share: counts of what they try, and a store to try it on."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmark.cli.app import main
from tests.faults.processes import typed
from tests.faults.stores import RUN, numbers, record_files


@dataclass
class Tally:
    """Counts what is tried, and what of the records that were there is lost."""

    counts: Counter[str]

    def fault(self, number: int = 1) -> None:
        """Count a fault."""
        self.counts["faults"] += number

    def kill(self, number: int = 1) -> None:
        """Count a signal."""
        self.counts["kills"] += number

    def input(self, number: int = 1) -> None:
        """Count a hostile input."""
        self.counts["inputs"] += number

    @contextmanager
    def kept(self, root: Path) -> Iterator[None]:
        """Hold that every record below a directory is there afterwards with the same bytes, and count those."""
        before = record_files(root)
        yield
        after = record_files(root)
        lost = [path for path, content in before.items() if after.get(path) != content]
        self.counts["records"] += len(before)
        self.counts["lost"] += len(lost)
        assert not lost


@pytest.fixture
def type_in(monkeypatch, capsys):
    """Return a function that types a command line in this process and returns its exit code, stdout and stderr."""

    def typed_here(*words):
        monkeypatch.setattr(sys, "argv", ["gan-bench", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        out = capsys.readouterr()
        return left.value.code or 0, out.out, out.err

    return typed_here


@pytest.fixture(scope="session")
def tally(tried):
    """Return the counts."""
    return Tally(tried)


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Return a directory with all runs of two objectives, which nothing disturbed; it is not to be changed."""
    folder = tmp_path_factory.mktemp("whole")
    done = typed([*RUN, "-o", "hinge", "--results", folder / "runs"], folder)
    assert done.code == 0, done.err
    assert len(numbers(folder / "runs")) == 10
    return folder / "runs"


@pytest.fixture
def half(whole, tmp_path):
    """Return a directory of one's own, where the runs of hinge are still to be made."""
    root = tmp_path / "runs"
    shutil.copytree(whole, root)
    shutil.rmtree(root / "ring" / "hinge")
    shutil.rmtree(root / "groups")
    return root
