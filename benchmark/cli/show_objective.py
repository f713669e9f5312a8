"""The page of an objective or of a wrapper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.cli.output import Page, aligned, paragraph, screen_width
from benchmark.leaderboard import plain
from benchmark.leaderboard.text import readable
from objectives import WRAPPERS, Objective, example_of
from objectives.describe import Curve, Description, Setting, Source, describe, equation_of, score_curves, source_of
from objectives.foundation.loading import on_one_line
from objectives.identity import spelling
from objectives.picture import png, sketch

POINTS = 61  # of each curve
CRITICS = {
    "score": "a score; high means real",
    "energy": "an energy, the reconstruction error of an autoencoder; high means fake",
    "embedding": "an embedding, compared between real and generated samples",
    "none": "none; the generator trains without a critic",
}
NO_SCORE = {"embedding": "the critic returns an embedding", "none": "there is no critic"}


def objective(spec: str, game: Objective) -> Page:
    """Return the page of an objective."""
    described = describe(spec)
    curves, reason = _curves(game)
    facts: dict[str, Any] = plain(described) | {
        "spelling": spelling(game),
        "score_range": list(game.traits.score_range),
        "shift_invariant": game.traits.shift_invariant,
        "packing": game.traits.packing,
        "curves": plain(curves),
    }
    width = screen_width()
    lines = [
        spec,
        _source(described.source),
        *_as_shipped(described, width),
        *_block(described.equation),
        *(line for name, source, equation in described.wrappers for line in _added(name, source, equation)),
        "",
        *_facts(described, game, width),
        *_settings(described.settings, width),
        "",
        *(sketch(curves, min(width or 80, 120)) or [f"no picture of losses against scores: {reason}"]),
    ]
    return Page("objective", facts, lines, (lambda: png(curves, readable(spec))) if curves else None)


def wrapper(name: str) -> Page:
    """Return the page of a wrapper, shown on the non-saturating game."""
    on_ns = describe(example_of(name))
    source, equation = source_of(WRAPPERS[name]), equation_of(WRAPPERS[name])
    settings = [setting for setting in on_ns.settings if setting.part == name]
    lines = [
        f"+{name}, as in {example_of(name)}",
        _source(source),
        *_block(equation),
        *_settings(settings, screen_width()),
    ]
    return Page(
        "wrapper", {"name": name, "source": plain(source), "equation": equation, "settings": plain(settings)}, lines
    )


def _curves(game: Objective) -> tuple[tuple[Curve, ...], str]:
    """Trace the losses; a user's objective may fail in any way."""
    try:
        return score_curves(game, points=POINTS), NO_SCORE.get(game.traits.critic_kind, "")
    except Exception as error:
        return (), readable(on_one_line(error), 200)


def _source(source: Source) -> str:
    said = ", ".join(str(part) for part in (source.authors, source.year, source.link) if part)
    return f"{source.title} ({said})" if said else source.title or "It has no docstring."


def _as_shipped(described: Description, width: int | None) -> list[str]:
    if not described.deviation:
        return []
    return ["", "AS SHIPPED ELSEWHERE, not the paper's:", *paragraph(described.deviation, width=width)]


def _block(text: str) -> list[str]:
    return ["", *(f"  {line}".rstrip() for line in text.splitlines())] if text.strip() else []


def _added(name: str, source: Source, equation: str) -> list[str]:
    return ["", f"with {name}: {_source(source)}", *_block(equation)]


def _facts(described: Description, game: Objective, width: int | None) -> list[str]:
    low, high = game.traits.score_range
    rows = [
        ["critic", CRITICS[described.critic]],
        ["scores", f"values and gradients are finite from {low:g} to {high:g}{_shift(game)}"],
        ["divergence", described.divergence or "none known"],
        ["recommended", _recommended(described.recommended)],
    ]
    if described.critic in ("embedding", "none"):
        del rows[1]
    return aligned(rows, flexible=1, indent="", width=width)


def _shift(game: Objective) -> str:
    return "; adding a constant to all of them changes nothing" if game.traits.shift_invariant else ""


def _recommended(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items()) or "not stated in the paper"


def _settings(settings: Sequence[Setting], width: int | None) -> list[str]:
    if not settings:
        return ["", "no settings"]
    rows = [(f"{setting.part}.{setting.name}", _value(setting), setting.meaning) for setting in settings]
    return ["", "settings", *aligned([("name", "value", "meaning and range"), *rows], flexible=2, width=width)]


def _value(setting: Setting) -> str:
    return setting.default + (f" (default {setting.usual})" if setting.usual not in ("", setting.default) else "")
