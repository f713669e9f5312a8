"""A suite: problems x objectives x seeds under one protocol, defined in a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import Field

from benchmark.runner.request import MOST, Request, parse_seeds
from benchmark.runner.sweep import checked_sweep
from benchmark.toml_file import Strict, named_file, names_in, read_toml
from objectives import OBJECTIVES
from objectives.foundation.settings import text_of

EVERY = "*"  # every objective of the catalogue
SUITES = files("benchmark.suites")

Setting = str | int | float | bool


class Suite(Strict):
    """The content of a suite file; defaults are those of the problems."""

    title: str = ""
    problems: tuple[str, ...] = Field(min_length=1, strict=False)
    objectives: tuple[str, ...] = Field(min_length=1, strict=False)
    seeds: str = "5"
    track: Literal["shared", "paper"] = "shared"
    settings: Mapping[str, Setting] = {}
    sweep: Mapping[str, Annotated[tuple[Setting, ...], Field(strict=False, min_length=1)]] = {}
    budget: Literal["quick", "full"] | Annotated[int, Field(ge=1, le=MOST["budget"])] = "full"
    iterations: int | None = Field(default=None, ge=1, le=MOST["iterations"])
    network: str | None = None
    evaluators: tuple[str, ...] = Field(default=(), strict=False)

    @property
    def games(self) -> tuple[str, ...]:
        """List the objectives: `*` is expanded, and those preceded by `-` are removed."""
        listed = (name for text in self.objectives for name in (OBJECTIVES if text == EVERY else (text,)))
        dropped = {text.removeprefix("-") for text in self.objectives if text.startswith("-")}
        return tuple(name for name in dict.fromkeys(listed) if name not in dropped and not name.startswith("-"))

    @property
    def seed_list(self) -> tuple[int, ...]:
        """List the seeds."""
        return parse_seeds(self.seeds)

    @property
    def overrides(self) -> dict[str, str]:
        """Return the settings in the form of `--set`."""
        return {name: text_of(value) for name, value in self.settings.items()}

    @property
    def swept(self) -> dict[str, tuple[str, ...]]:
        """Return the sweep in the form of `--sweep`."""
        return checked_sweep({name: tuple(map(text_of, values)) for name, values in self.sweep.items()})

    def request(self, **changes: Any) -> Request:
        """Return the request of a suite, with some fields replaced by `changes`."""
        own = {
            "problems": self.problems,
            "objectives": self.games,
            "seeds": self.seed_list,
            "track": self.track,
            "overrides": self.overrides,
            "sweep": self.swept,
            "budget": self.budget,
            "iterations": self.iterations,
            "network": self.network,
            "evaluators": self.evaluators,
        }
        return Request(**(own | changes))


def suite_of(text: str) -> Suite:
    """Read a suite by its name or path."""
    return read_toml(named_file(text, SUITES, "suite"), Suite)


def suite_names() -> list[str]:
    """List the built-in suites."""
    return names_in(SUITES)
