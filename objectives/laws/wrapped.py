"""The law on wrappers that change a game's input: the losses are the inner game's formula at the changed input."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from objectives.augment import DifferentiablyAugmented
from objectives.base import Objective
from objectives.compose import Wrapper, parts
from objectives.laws.closed_forms import CLOSED_FORMS, Scores
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import LineCritic
from objectives.laws.terms import FAKE, REAL, Even, column
from objectives.laws.truths import base_of
from objectives.normalisation import GradientNormalised
from objectives.transforms import InstanceNoise, Packed, TopK

SIDE = 8  # of the images to augment
MOMENT = 0.3  # share of the budget spent in the law's game


class MeanCritic(LineCritic):
    """The critic of images that scores the mean of their values."""

    def features(self, x: Tensor, /) -> Tensor:
        return x.flatten(1).mean(1, keepdim=True)


class Seen(NamedTuple):
    """Scores after a wrapper: those in the critic's loss, and those in the generator's."""

    critic: tuple[Scores, Scores]
    generator: tuple[Scores, Scores]


def both(change: Callable[[Any, float], float]) -> Callable[[Any, Scores, Scores], Seen]:
    """Apply the same change to every score."""

    def seen(o: Any, r: Scores, f: Scores) -> Seen:
        sides = [change(o, x) for x in r], [change(o, y) for y in f]
        return Seen(sides, sides)

    return seen


def best(o: Any, r: Scores, f: Scores) -> Seen:
    """Keep the ⌈B max(ν, ν^(t/τ))⌉ highest fakes, and their partners, for the generator."""
    kept = math.ceil(len(f) * max(o.share, o.share ** (MOMENT / o.reached)))
    order = sorted(range(len(f)), key=lambda row: -f[row])[:kept]
    return Seen((r, f), ([r[row] for row in order], [f[row] for row in order]))


WRAPPED: dict[type[Wrapper], Callable[[Any, Scores, Scores], Seen]] = {
    # Colours and shifts are unchanged at draws of ½; the square, a quarter of the image, becomes mid-grey.
    DifferentiablyAugmented: both(lambda o, x: 0.75 * x + 0.25 * 0.5 if o.cutout else x),
    GradientNormalised: both(lambda o, x: x / (1.0 + abs(x))),  # D(x) = x has slope 1
    InstanceNoise: both(lambda o, x: x + o.std * (1.0 - MOMENT if o.decay else 1.0)),  # noise of 1 for every sample
    Packed: both(lambda o, x: x),  # a pack's score is that of its first point
    TopK: best,
}


def wraps(objective: Objective) -> LawResult:
    """A wrapper's losses are the inner game's formula, at the scores, samples or packs that it passes on."""
    name, expected = "wrapped", "losses by the innermost objective's formula at what the wrappers pass on, to 1e-9"
    base = base_of(objective)
    form = CLOSED_FORMS.get(type(base))
    wrappers = [part for part in parts(objective) if isinstance(part, Wrapper) and type(part) in WRAPPED]
    if form is None or not wrappers or base.traits.critic_kind != "score":
        return absent(name, expected, "no wrapper around a loss of scores with a formula here")
    worst = 0.0
    for wrapper in wrappers:
        alone = replace(wrapper, objective=base)
        seen = WRAPPED[type(wrapper)](wrapper, REAL, FAKE)
        stated = form(base, *seen.critic)[0], form(base, *seen.generator)[1]
        critic, real, fake = _stage(alone)
        game = replace(Even.of_moment(fake), state=alone.initial_state(Even.of_moment(fake)))
        losses = (player(critic, real, fake, game) for player in (alone.critic_loss, alone.generator_loss))
        gaps = [abs(loss.item() - value) / max(1.0, abs(value)) for loss, value in zip(losses, stated, strict=True)]
        worst = max(worst, *gaps)
    return LawResult(name, expected, f"relative difference {worst:.1e}", worst < 1e-9)


def _stage(wrapper: Wrapper) -> tuple[LineCritic, Tensor, Tensor]:
    """Return a critic and batches whose scores are those of the law."""
    if isinstance(wrapper, DifferentiablyAugmented):
        images = [column(side)[:, :, None, None].expand(-1, 1, SIDE, SIDE) for side in (REAL, FAKE)]
        return MeanCritic(), images[0], images[1]
    packs = [_packs(side, wrapper.traits.packing) for side in (REAL, FAKE)]
    return LineCritic(wrapper.traits.packing), packs[0], packs[1]


def _packs(scores: Sequence[float], packing: int) -> Tensor:
    """Return points in packs, each with its score first and other numbers behind."""
    rows = column(scores)
    others = [rows * 0.0 + 7.0 + index for index in range(packing - 1)]
    return torch.stack([rows, *others], 1).flatten(0, 1)
