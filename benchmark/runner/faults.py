"""The parts of a request that cannot be run; the rest is run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmark.errors import LeftOut, UserError


@dataclass
class Faults:
    """What was left out of a plan, a sentence each."""

    sentences: list[str] = field(default_factory=list)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Record a LeftOut error instead of raising it, so that planning continues."""
        try:
            yield
        except LeftOut as fault:
            if str(fault) not in self.sentences:
                self.sentences.append(str(fault))

    def check(self, any_left: bool) -> None:
        """Raise UserError if there are faults and nothing else to run."""
        if self.sentences and not any_left:
            raise UserError(" ".join(self.sentences))
