"""A page for each objective, and one for the wrappers: equation, source, settings, curves."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass

from markup import code, escaped, facts, joined, linked, prose, table

from objectives import OBJECTIVES, WRAPPERS, example_of, picture
from objectives.base import Objective
from objectives.compose import parts
from objectives.describe import (
    Curve,
    Description,
    Setting,
    Source,
    describe,
    equation_of,
    score_curves,
    source_of,
)
from objectives.identity import part_name
from objectives.search import Choice, Domain, Searched
from objectives.spec import parse

CRITICS = {
    "score": "a score: high means real",
    "energy": "an energy, the reconstruction error of an autoencoder: high means fake",
    "embedding": "an embedding, compared between real and generated samples; there are no curves against a score",
    "none": "none: the generator trains without a critic; there are no curves against a score",
}


@dataclass(frozen=True)
class Picture:
    """The curves of one game, under a name that changes with them and with how they are drawn."""

    name: str
    title: str
    curves: Sequence[Curve]

    def draw(self) -> bytes:
        """Draw losses and gradients as PNG."""
        return picture.png(self.curves, self.title)


def picture_of(name: str) -> Picture | None:
    """Draw the curves of an objective's losses; None if its critic has no scores."""
    curves = score_curves(parse(name))
    if not curves:
        return None
    digest = hashlib.sha256(repr((name, curves, inspect.getsource(picture))).encode()).hexdigest()[:12]
    return Picture(f"{name}-{digest}.png", name, curves)


def objective_page(name: str, drawn: Picture | None) -> str:
    """Return the page of an objective."""
    game, described = parse(name), describe(name)
    return joined(
        [
            f"# {name}",
            f"**{_sourced(described.source)}**",
            prose(described.equation),
            facts(_facts(game, described)),
            *(_curves(drawn) if drawn else ()),
            "## Settings",
            _settings(game, described.settings),
            f"On the command line: `gan-bench run --objective {name}`; in a terminal: `gan-bench show {name}`.",
        ]
    )


def objectives_table() -> str:
    """List the objectives with their sources, a page each."""
    rows = []
    for name in sorted(OBJECTIVES):
        described = describe(name)
        source = described.source
        rows.append(
            (
                f"[{name}](../generated/objectives/{name}.md)",
                escaped(source.title),
                escaped(f"{source.authors}, {source.year}" if source.authors else ""),
                linked(described.divergence or "–"),
            )
        )
    return table(("name", "what", "source", "what its best critic measures"), rows) + "\n"


def wrappers_page() -> str:
    """Write what each wrapper adds."""
    blocks = []
    for name, cls in sorted(WRAPPERS.items()):
        game = parse(example_of(name))
        settings = [setting for setting in describe(example_of(name)).settings if setting.part == name]
        blocks += [
            f"## +{name}",
            f"**{_sourced(source_of(cls))}**",
            prose(equation_of(cls)),
            _settings(game, settings),
        ]
    return joined(blocks)


def _sourced(source: Source) -> str:
    said = ", ".join(str(part) for part in (source.authors, source.year, source.link) if part)
    return linked(f"{source.title} ({said})" if said else source.title)


def _facts(game: Objective, described: Description) -> list[tuple[str, str]]:
    low, high = game.traits.score_range
    said = [
        ("critic", CRITICS[described.critic]),
        ("its best critic measures", linked(described.divergence or "nothing that is stated")),
    ]
    if described.critic in ("score", "energy"):
        moved = "changes nothing" if game.traits.shift_invariant else "matters"
        said.append(("scores", f"finite losses and gradients from {low:g} to {high:g}; a constant added {moved}"))
    paper = ", ".join(f"`{name}` {value}" for name, value in described.recommended.items())
    return [*said, ("track `paper`", paper or "its paper leaves the settings of training open")]


def _curves(drawn: Picture) -> list[str]:
    alternative = f"Loss and gradient of both players of {drawn.title} against one score."
    text = "Loss and gradient against one score, the other score at 0."
    return ["## Curves", f"```{{image}} ../pictures/{drawn.name}\n:alt: {alternative}\n:class: plot\n```", text]


def _settings(game: Objective, settings: Sequence[Setting]) -> str:
    if not settings:
        return "It has no settings."
    searched = {f"{part_name(part)}.{field}": how for part in parts(game) for field, how in part.searched.items()}
    rows = []
    for setting in settings:
        how = searched.get(f"{setting.part}.{setting.name}")
        rows.append((code(setting.name), code(setting.default), linked(setting.meaning), *_tuned(how, setting)))
    return table(("setting", "default", "meaning and range", "tuned over (wide)", "tuned over (narrow)"), rows)


def _tuned(how: Searched | None, setting: Setting) -> tuple[str, str]:
    if how is None:
        return "not tuned", ""
    start = float(setting.default)
    return _domain(how.domain("wide", start)), _domain(how.domain("narrow", start))


def _domain(domain: Domain) -> str:
    if isinstance(domain, Choice):
        return ", ".join(f"{option:g}" for option in domain.options)
    return f"{domain.low:.3g} to {domain.high:.3g}" + (", log" if domain.log else "")


def laws_table() -> str:
    """List what `gan-bench check` proves, in the words of each law."""
    from objectives.laws import LAWS

    rows = [(code(name), linked((law.__doc__ or "").partition("\n")[0])) for name, law in LAWS.items()]
    return table(("law", "what must hold"), rows) + "\n"
