"""Progress of the work: the protocol of what shows it, and progress in sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

NOTICED = 2.0  # seconds


class Progress(Protocol):
    """Shows the progress of the work."""

    def loading(self, label: str) -> AbstractContextManager[object]:
        """Show that a problem's data are being read or generated, for an unknown time."""
        ...

    def group(self, label: str, total: int, scores: int = 0) -> AbstractContextManager[Callable[[int], None]]:
        """Show the progress of one group; the function it yields is to be called with the number of steps done.

        The last `scores` steps of the total are draws and scores of samples.
        """
        ...

    def note(self, text: str) -> None:
        """Show one sentence to the user."""
        ...


def step_of(done: int, total: int, scores: int) -> str:
    """Return the progress of a group in words: `120 of 500`, or `scoring 2 of 5` after training."""
    trained = total - scores
    if scores and done >= trained:
        return f"scoring {min(done - trained + 1, scores)} of {scores}"
    return f"{done} of {trained}"


class Sentences:
    """Progress in sentences: what was loaded, how far a group is every few seconds, and what is done."""

    def __init__(self, say: Callable[[str], None], every: float) -> None:
        self._say, self._every = say, every

    @contextmanager
    def loading(self, label: str) -> Iterator[None]:
        """Report how long loading took, if it was noticeable."""
        began = time.monotonic()
        yield
        if (took := time.monotonic() - began) >= NOTICED:
            self._say(f"{label}: data loaded in {took:.1f} s")

    @contextmanager
    def group(self, label: str, total: int, scores: int = 0) -> Iterator[Callable[[int], None]]:
        """Report how far a group is, at most every few seconds, and that it is done."""
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
        """Report a sentence."""
        self._say(text)


def silent() -> Progress:
    """Return progress that shows nothing."""
    return Sentences(lambda text: None, 0.0)
