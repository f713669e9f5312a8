"""Real processes for the tests of faults: the command line in a child of its own, prepared before it begins."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SECONDS = 240.0  # after which a child hangs


@dataclass(frozen=True)
class Done:
    """What a process left: its exit code (as a shell tells it: 128 + signal), and what it printed."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """Return the line on standard error in which the program says why it ended; there must be just one."""
        assert "Traceback" not in self.err, self.err
        lines = [line for line in self.err.splitlines() if line.startswith("gan-bench: ")]
        assert len(lines) == 1, self.err
        return lines[0]


@cache
def _server(of: int) -> subprocess.Popen[str]:
    """Start the server of this test process, given by its number, once."""
    script = Path(__file__).with_name("server.py")
    server = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(_stop, server)
    return server


def _stop(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    server.wait(timeout=30)
    server.stdout.close()


def _asked(question: dict[str, object]) -> int | None:
    server = _server(os.getpid())
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(question) + "\n")
    server.stdin.flush()
    answer: int | None = json.loads(server.stdout.readline())
    return answer


class Child:
    """A command line that runs in a process of its own; `before` are names and arguments of `preparations`."""

    def __init__(self, words: Sequence[object], folder: Path, before: Sequence[Sequence[object]] = ()) -> None:
        self._streams = [folder / f"{id(self)}.{name}" for name in ("out", "err")]
        question = {
            "words": [str(word) for word in words],
            "streams": [str(path) for path in self._streams],
            "before": before,
            "here": str(Path.cwd()),
            "environment": dict(os.environ),
        }
        self.pid = _asked(question)

    def join(self) -> Done:
        """Wait for the end."""
        end = time.monotonic() + SECONDS
        while (code := _asked({"ended": self.pid})) is None:
            assert time.monotonic() < end, [path.read_text() for path in self._streams]
            time.sleep(0.02)
        out, err = (path.read_text(errors="replace") for path in self._streams)
        return Done(code if code >= 0 else 128 - code, out, err)


def typed(words: Sequence[object], folder: Path, *before: Sequence[object]) -> Done:
    """Type a command line and wait for its end; what it prints goes through files in `folder`."""
    return Child(words, folder, before).join()
