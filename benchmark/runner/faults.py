"""The parts of a request that cannot be run, while the rest can."""

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
        """Keep what cannot be run instead of raising it: the rest of the plan goes on."""
        try:
            yield
        except LeftOut as fault:
            if str(fault) not in self.sentences:
                self.sentences.append(str(fault))

    def check(self, rest: bool) -> None:
        """Raise UserError if nothing is left to be run."""
        if self.sentences and not rest:
            raise UserError(" ".join(self.sentences))
