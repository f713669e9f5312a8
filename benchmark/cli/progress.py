"""Progress bars on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from benchmark.leaderboard.text import readable
from benchmark.runner.progress import NOTICED, Sentences

LONGEST_NOTE = 2_000  # characters
SAID_EVERY = 30.0  # seconds between two sentences on one group in a log


class LiveProgress:
    """One bar per group in one live display; sentences if standard error is not a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._sentences = None if self._console.is_terminal else Sentences(self._say, SAID_EVERY)

    def __enter__(self) -> LiveProgress:
        if self._sentences is None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sentences is None:
            self._bars.stop()

    @contextmanager
    def loading(self, label: str) -> Iterator[None]:
        """Show that data are being loaded, with the elapsed seconds; remove the bar if loading was brief."""
        if self._sentences is not None:
            with self._sentences.loading(readable(label)):
                yield
            return
        began = time.monotonic()
        task = self._bars.add_task(f"{readable(label)} · data", total=None)
        yield
        self._bars.update(task, total=1, completed=1, visible=time.monotonic() - began >= NOTICED)

    @contextmanager
    def group(self, label: str, total: int, scores: int = 0) -> Iterator[Callable[[int], None]]:
        """Show one group's progress; call the returned function with the amount done so far."""
        label = readable(label)
        if self._sentences is not None:
            with self._sentences.group(label, total, scores) as report:
                yield report
            return
        task = self._bars.add_task(label, total=total)

        def show(done: int) -> None:
            scoring = scores > 0 and total - scores <= done < total
            self._bars.update(task, completed=done, description=f"{label} · scoring" if scoring else label)

        yield show

    def note(self, text: str) -> None:
        """Print one sentence above the bars."""
        self._say(readable(text, LONGEST_NOTE))

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)
