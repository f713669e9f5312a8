"""Progress bars on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from benchmark.leaderboard.text import readable

LONGEST_NOTE = 2_000  # characters


class LiveProgress:
    """One bar per group, all in one live display; where standard error is no terminal, one line per group."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> LiveProgress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    @contextmanager
    def group(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show one group's work; the function it gives is told the amount done so far."""
        label = readable(label)
        task = self._bars.add_task(label, total=total)
        yield lambda done: self._bars.update(task, completed=done)
        if not self._console.is_terminal:
            self._console.print(Text(f"{label}: done"), soft_wrap=True)

    def note(self, text: str) -> None:
        """Tell one sentence above the bars."""
        self._console.print(Text(readable(text, LONGEST_NOTE)), soft_wrap=True)
