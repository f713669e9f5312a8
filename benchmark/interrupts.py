"""Signals that ask to stop: raised where they come, and again at the next safe place if that was lost.

Python runs a handler between any two of its instructions, also inside a destructor or a call back from C++, where an
exception is printed or dropped instead of passed on.
"""

from __future__ import annotations

import signal
from types import FrameType

from benchmark.errors import Interrupted

_asked: list[int] = []


def listen() -> None:
    """Take SIGINT and SIGTERM as requests to stop; forget those of before."""
    _asked.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)


def ask(number: int, frame: FrameType | None = None) -> None:
    """Remember the signal and raise Interrupted."""
    _asked.append(number)
    raise Interrupted(number)


def check() -> None:
    """Raise Interrupted if a signal was asked for and is still unanswered."""
    if _asked:
        raise Interrupted(_asked[0])
