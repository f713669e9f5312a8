"""What of a request cannot be run, while the rest can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmark.errors import LeftOut, UserError


@dataclass
class Faults:
    """What was left out of a plan, a sentence each."""

    told: list[str] = field(default_factory=list)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what cannot be run instead of raising it: the rest of the plan goes on."""
        try:
            yield
        except LeftOut as fault:
            if str(fault) not in self.told:
                self.told.append(str(fault))

    def check(self, rest: bool) -> None:
        """Raise UserError if nothing is left to be run."""
        if self.told and not rest:
            raise UserError(" ".join(self.told))
