"""What `gan-bench show` and `list` print: source, equation, settings with meanings, curves of loss and gradient."""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass
from typing import Any

import torch

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.base import Objective
from objectives.compose import Composition, parts
from objectives.foundation.loading import load
from objectives.foundation.settings import text_of
from objectives.identity import part_name
from objectives.laws.stage import LineCritic, gradient_of, line_game
from objectives.outside import OBJECTIVE
from objectives.settings import own_fields
from objectives.spec import parse, words
from objectives.traits import CriticKind

SOURCE = re.compile(r"(?P<title>.+) \((?P<authors>.+?), (?P<year>\d{4})(?:, (?P<link>arXiv:\d{4}\.\d{4,5}))?\)\.")


@dataclass(frozen=True)
class Source:
    """The first line of a docstring, `Name (Authors, year, arXiv:...).`, parsed; missing parts are empty."""

    title: str
    authors: str = ""
    year: int | None = None
    link: str = ""


@dataclass(frozen=True)
class Setting:
    """One field of one part of a game."""

    part: str  # as the command line names it
    name: str
    default: str  # the value that it has in this game
    meaning: str  # symbol, range and unit, from the comment beside the field
    usual: str = ""  # the part's own default; empty where it has none


@dataclass(frozen=True)
class Description:
    """Everything known about a game without training it."""

    spelling: str
    source: Source
    equation: str
    settings: tuple[Setting, ...]
    critic: CriticKind
    divergence: str | None
    recommended: dict[str, Any]
    wrappers: tuple[tuple[str, Source, str], ...]  # name, source and equation of each wrapper the user added
    deviation: str  # what a version as shipped elsewhere computes instead; empty for the others


@dataclass(frozen=True)
class Curve:
    """One loss and its derivative against one score, the other score fixed."""

    name: str
    scores: tuple[float, ...]
    loss: tuple[float, ...]
    gradient: tuple[float, ...]


def source_of(documented: Any) -> Source:
    """Read the title, the authors and the year from a docstring's first line."""
    first = (inspect.getdoc(documented) or "").partition("\n")[0]
    match = SOURCE.fullmatch(first)
    if match is None:
        return Source(first)
    return Source(match["title"], match["authors"], int(match["year"]), match["link"] or "")


def equation_of(documented: Any) -> str:
    """Return a docstring without its first line: the equation and the notes."""
    return (inspect.getdoc(documented) or "").partition("\n")[2].strip("\n")


def describe(spec: str) -> Description:
    """Describe the game that a spelling names."""
    head, *added = words(spec)
    game = parse(spec)
    shipped = AS_SHIPPED.get(head.name)
    named = shipped.instead_of if shipped else head.name
    documented: Any = OBJECTIVES.get(named) or type(parts(game)[0])
    wrappers = [(word.name, WRAPPERS.get(word.name) or load(word.name, OBJECTIVE)) for word in added]
    return Description(
        spelling=spec,
        source=source_of(documented),
        equation=equation_of(documented),
        settings=settings_of(game),
        critic=game.traits.critic_kind,
        divergence=game.traits.divergence,
        recommended={
            key: value for key, value in dataclasses.asdict(game.traits.recommended).items() if value is not None
        },
        wrappers=tuple((name, source_of(part), equation_of(part)) for name, part in wrappers),
        deviation=f"{shipped.source}: {shipped.deviation}" if shipped else "",
    )


SAME = {"fgan-gan": "minimax", "fgan-js": "minimax"}  # losses that differ by a constant at most


def role_of(name: str) -> str:
    """Return the role of an objective in the catalogue: a game, a composition, another name of a game, a control."""
    made = OBJECTIVES[name]
    if isinstance(made, Composition):
        return "+".join(map(part_name, made.parts))
    if name in SAME:
        return f"= {SAME[name]}"
    return "game" if made().traits.trains_critic else "control"


def count_roles() -> dict[str, int]:
    """Count the objectives of the catalogue by what they are."""
    roles = [role_of(name) for name in OBJECTIVES]
    games, controls = roles.count("game"), roles.count("control")
    again = sum(role.startswith("= ") for role in roles)
    return {
        "distinct games": games,
        "losses combined with penalties": len(roles) - games - controls - again,
        "second names": again,
        "controls without a critic": controls,
    }


def catalogue() -> list[tuple[str, Source]]:
    """List every objective with its source, sorted by name."""
    return [(name, source_of(make)) for name, make in sorted(OBJECTIVES.items())]


def settings_of(objective: Objective) -> tuple[Setting, ...]:
    """List the settings of a game, the innermost part first."""
    return tuple(
        Setting(part_name(part), name, text_of(getattr(part, name)), meaning_of(type(part), name), _usual(field))
        for part in parts(objective)
        for name, field in own_fields(part).items()
    )


def _usual(field: dataclasses.Field[Any]) -> str:
    return "" if field.default is dataclasses.MISSING else text_of(field.default)


def meaning_of(cls: type, field: str) -> str:
    """Read the comment after a field in the class that declares it; empty if the source is unavailable."""
    for owner in cls.__mro__:
        if field in inspect.get_annotations(owner):
            try:
                lines = inspect.getsource(owner)
            except (OSError, TypeError):
                return ""
            match = re.search(rf"^ +{field}: [^\n]*?  # (.+)$", lines, re.MULTILINE)
            return match[1] if match else ""
    return ""


def score_curves(objective: Objective, low: float = -6.0, high: float = 6.0, points: int = 61) -> tuple[Curve, ...]:
    """Trace loss and gradient against the score of real and of fake samples, the other score at 0.

    The gradient is with respect to the common score of all samples of that side. No curves if the critic has no score.
    """
    if objective.traits.critic_kind not in ("score", "energy"):
        return ()
    bottom, top = objective.traits.score_range
    scores = torch.linspace(max(low, bottom), min(high, top), points, dtype=torch.float64)
    traces = {
        "critic's loss by D(x)": (objective.critic_loss, 0),
        "critic's loss by D(G(z))": (objective.critic_loss, 1),
        "generator's loss by D(G(z))": (objective.generator_loss, 1),
    }
    curves = []
    for name, (player, side) in traces.items():
        values = [_at(objective, player, side, score) for score in scores.tolist()]
        losses, gradients = zip(*values, strict=True)
        curves.append(Curve(name, tuple(scores.tolist()), losses, gradients))
    return tuple(curves)


def _at(objective: Objective, player: Any, side: int, score: float) -> tuple[float, float]:
    both = torch.zeros(2, dtype=torch.float64)
    both[side] = score
    both.requires_grad_()
    real, fake = (value.expand(2 * objective.traits.packing, 1) for value in both)
    loss = player(LineCritic(objective.traits.packing), real, fake, line_game(objective, real=real, fake=fake))
    return loss.item(), gradient_of(loss, both)[side].item()
