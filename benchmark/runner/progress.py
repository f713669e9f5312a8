"""How far the work has come, for whoever shows it; and the same in sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

NOTICED = 2.0  # seconds


class Progress(Protocol):
    """Shows how far the work has come."""

    def loading(self, label: str) -> AbstractContextManager[object]:
        """Show that a problem's data are being read or made; its progress is unknown."""
        ...

    def group(self, label: str, total: int, scores: int = 0) -> AbstractContextManager[Callable[[int], None]]:
        """Show one group's work; the function that it gives is called with the amount done so far.

        The last `scores` of the total are samples being drawn and scored.
        """
        ...

    def note(self, text: str) -> None:
        """Show one sentence that a user should know."""
        ...


def step_of(done: int, total: int, scores: int) -> str:
    """Write how far a group is: `120 of 500`, or `scoring 2 of 5` after training."""
    trained = total - scores
    if scores and done >= trained:
        return f"scoring {min(done - trained + 1, scores)} of {scores}"
    return f"{done} of {trained}"


class Sentences:
    """Progress in sentences: what was loaded, how far a group is after every so many seconds, and what is done."""

    def __init__(self, say: Callable[[str], None], every: float) -> None:
        self._say, self._every = say, every

    @contextmanager
    def loading(self, label: str) -> Iterator[None]:
        """Say how long loading took, where one could notice."""
        began = time.monotonic()
        yield
        if (took := time.monotonic() - began) >= NOTICED:
            self._say(f"{label}: data loaded in {took:.1f} s")

    @contextmanager
    def group(self, label: str, total: int, scores: int = 0) -> Iterator[Callable[[int], None]]:
        """Say how far a group is, at most every so many seconds, and that it is done."""
        began = said = time.monotonic()

        def report(done: int) -> None:
            nonlocal said
            now = time.monotonic()
            if now - said >= self._every and done < total:
                self._say(f"{label}: {step_of(done, total, scores)} after {now - began:.0f} s")
                said = now

        yield report
        self._say(f"{label}: done in {time.monotonic() - began:.1f} s")

    def note(self, text: str) -> None:
        """Say it."""
        self._say(text)


def silent() -> Progress:
    """Return progress that shows nothing."""
    return Sentences(lambda text: None, 0.0)
